"""Scrapy settings of all spiders: polite by default. A source's own rate and concurrency come from its registry entry.

Without the command line of this project: ``SCRAPY_SETTINGS_MODULE=freedom_policy.spiders.settings scrapy crawl congress``.
"""

import os
from importlib.metadata import PackageNotFoundError, version

from scrapy.settings.default_settings import DOWNLOADER_MIDDLEWARES_BASE as _ALL_MIDDLEWARES
from scrapy.settings.default_settings import EXTENSIONS_BASE as _ALL_EXTENSIONS

try:
    _VERSION = version("freedom_policy")
except PackageNotFoundError:  # a checkout that was never installed
    _VERSION = "unknown"

BOT_NAME = "freedom_policy"
SPIDER_MODULES = ["freedom_policy.spiders"]
NEWSPIDER_MODULE = "freedom_policy.spiders"

# Who runs a collector is who can be asked to stop it: set FREEDOM_POLICY_CONTACT to your mail or web address.
_CONTACT = os.environ.get("FREEDOM_POLICY_CONTACT", "").strip()
USER_AGENT = f"freedom_policy/{_VERSION} (collects public legislative records{f'; {_CONTACT}' if _CONTACT else ''})"
ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = "freedom_policy"
# Left out are doors into a running crawl that nobody uses here, cookies, and the retry that ours replaces. Scrapy imports
# what is switched off too, and that would be a third of a crawl's start.
_LEFT_OUT = ("RemoteControl", "TelnetConsole", "CookiesMiddleware", "RetryMiddleware")
EXTENSIONS_BASE = {name: place for name, place in _ALL_EXTENSIONS.items() if not name.endswith(_LEFT_OUT)}
DOWNLOADER_MIDDLEWARES_BASE = {name: place for name, place in _ALL_MIDDLEWARES.items() if not name.endswith(_LEFT_OUT)}
DOWNLOADER_MIDDLEWARES = {"freedom_policy.spiders.middlewares.PatientRetry": 550}

AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 0.5
AUTOTHROTTLE_MAX_DELAY = 60
DOWNLOAD_TIMEOUT = 90
DOWNLOAD_MAXSIZE = 64 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
REDIRECT_MAX_TIMES = 5

RETRY_TIMES = 5
RETRY_HTTP_CODES = [429, 500, 502, 503, 504, 522, 524, 408]
RETRY_GIVE_UP_LOG_LEVEL = "WARNING"
PATIENCE_BASE = 1.0
PATIENCE_MOST = 60.0
PATIENCE_WAITS = 20
PATIENCE_ASKED = 900.0
REFUSAL_RETRIES = 2
REFUSALS_BEFORE_STOP = 5
FAILURES_BEFORE_STOP = 10

ITEM_PIPELINES = {"freedom_policy.spiders.pipelines.AsMeasures": 300}

# A cache is used when somebody asks for one (-s HTTPCACHE_ENABLED=1), and then as HTTP says.
HTTPCACHE_POLICY = "scrapy.extensions.httpcache.RFC2616Policy"
FEED_EXPORT_ENCODING = "utf-8"
LOG_LEVEL = "INFO"
LOGSTATS_INTERVAL = 60.0
