"""The tables of the first version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from freedom_policy.store import columns

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "crawl_state",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source", "scope", "name", name=op.f("pk_crawl_state")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "digest_issues",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("since", columns.UtcDateTime(), nullable=True),
        sa.Column("until", columns.UtcDateTime(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("begun_at", columns.UtcDateTime(), nullable=False),
        sa.Column("ended_at", columns.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest_issues")),
    )
    op.create_index("ix_digest_issues_name", "digest_issues", ["name", "state"], unique=False)
    op.create_table(
        "families",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", columns.Key, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_families")),
        sa.UniqueConstraint("key", name=op.f("uq_families_key")),
    )
    op.create_table(
        "jurisdictions",
        sa.Column("key", columns.Key, nullable=False),
        sa.Column("ocd_id", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("time_zone", sa.Text(), nullable=True),
        sa.Column("chambers", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_jurisdictions")),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=True),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("started_at", columns.UtcDateTime(), nullable=False),
        sa.Column("finished_at", columns.UtcDateTime(), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=True),
        sa.Column("quarantined", sa.Integer(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("not_modified", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("problems", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_index("ix_runs_source", "runs", ["source", "scope", "started_at"], unique=False)
    op.create_table(
        "texts",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_texts")),
    )
    op.create_table(
        "watches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("created_at", columns.UtcDateTime(), nullable=False),
        sa.Column("removed_at", columns.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watches")),
    )
    op.create_index(
        "uq_watches_name",
        "watches",
        ["name"],
        unique=True,
        sqlite_where=sa.text("removed_at IS NULL"),
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_table(
        "digest_items",
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["issue_id"], ["digest_issues.id"], name=op.f("fk_digest_items_issue_id")),
        sa.PrimaryKeyConstraint("issue_id", "item", name=op.f("pk_digest_items")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_digest_items_item", "digest_items", ["item"], unique=False)
    op.create_table(
        "quarantine",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("first_seen", columns.UtcDateTime(), nullable=False),
        sa.Column("last_seen", columns.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_quarantine_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine")),
    )
    op.create_index("uq_quarantine_reply", "quarantine", ["source", "url", "sha256"], unique=True)
    op.create_table(
        "sessions",
        sa.Column("jurisdiction", columns.Key, nullable=False),
        sa.Column("identifier", columns.Key, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("start", sa.Date(), nullable=True),
        sa.Column("end", sa.Date(), nullable=True),
        sa.Column("classification", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["jurisdiction"], ["jurisdictions.key"], name=op.f("fk_sessions_jurisdiction")),
        sa.PrimaryKeyConstraint("jurisdiction", "identifier", name=op.f("pk_sessions")),
    )
    op.create_table(
        "measures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", columns.Key, nullable=False),
        sa.Column("sort_key", columns.Key, nullable=False),
        sa.Column("jurisdiction", columns.Key, nullable=False),
        sa.Column("session", columns.Key, nullable=False),
        sa.Column("identifier", columns.Key, nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("introduced", sa.Date(), nullable=True),
        sa.Column("last_action", sa.Date(), nullable=True),
        sa.Column("first_seen", columns.UtcDateTime(), nullable=False),
        sa.Column("changed_at", columns.UtcDateTime(), nullable=False),
        sa.Column("actions_hash", sa.Text(), nullable=False),
        sa.Column("assessed_hash", sa.Text(), nullable=True),
        sa.Column("words_hash", sa.Text(), nullable=False),
        sa.Column("status_id", sa.Integer(), nullable=True),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("stage_date", sa.Date(), nullable=True),
        sa.Column("effective_date", sa.Date(), nullable=True),
        sa.Column("classification_id", sa.Integer(), nullable=True),
        sa.Column("relevance", sa.Text(), nullable=True),
        sa.Column("tracked", sa.Boolean(), nullable=True),
        sa.Column("contested", sa.Boolean(), nullable=True),
        sa.Column("mostly_contested", sa.Boolean(), nullable=True),
        sa.Column("binding", sa.Boolean(), nullable=True),
        sa.Column("administrative", sa.Boolean(), nullable=True),
        sa.Column("reviewed", sa.Boolean(), nullable=False),
        sa.Column("family_id", sa.Integer(), nullable=True),
        sa.Column("moved_to_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["family_id"], ["families.id"], name=op.f("fk_measures_family_id")),
        sa.ForeignKeyConstraint(
            ["jurisdiction", "session"],
            ["sessions.jurisdiction", "sessions.identifier"],
            name=op.f("fk_measures_jurisdiction_session"),
        ),
        sa.ForeignKeyConstraint(["moved_to_id"], ["measures.id"], name=op.f("fk_measures_moved_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measures")),
        sa.UniqueConstraint("key", name=op.f("uq_measures_key")),
        sa.UniqueConstraint("sort_key", name=op.f("uq_measures_sort_key")),
    )
    op.create_index("ix_measures_family_id", "measures", ["family_id"], unique=False)
    op.create_index("ix_measures_last_action", "measures", ["last_action"], unique=False)
    op.create_index("ix_measures_listing", "measures", ["jurisdiction", "stage", "sort_key"], unique=False)
    op.create_index("ix_measures_stage", "measures", ["stage"], unique=False)
    op.create_index("ix_measures_tracked", "measures", ["tracked", "jurisdiction", "stage"], unique=False)
    op.create_table(
        "classifications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("measure_id", sa.Integer(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("by_person", sa.Boolean(), nullable=False),
        sa.Column("words_hash", sa.Text(), nullable=False),
        sa.Column("review", sa.Boolean(), nullable=False),
        sa.Column("observed_at", columns.UtcDateTime(), nullable=False),
        sa.Column("superseded_at", columns.UtcDateTime(), nullable=True),
        sa.Column("record", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["measure_id"], ["measures.id"], name=op.f("fk_classifications_measure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_classifications")),
    )
    op.create_index("ix_classifications_measure_id", "classifications", ["measure_id", "model"], unique=False)
    op.create_table(
        "family_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.Column("review", sa.Text(), nullable=True),
        sa.Column("observed_at", columns.UtcDateTime(), nullable=False),
        sa.Column("retracted_at", columns.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["first_id"], ["measures.id"], name=op.f("fk_family_links_first_id")),
        sa.ForeignKeyConstraint(["second_id"], ["measures.id"], name=op.f("fk_family_links_second_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_family_links")),
    )
    op.create_index("ix_family_links_second_id", "family_links", ["second_id"], unique=False)
    op.create_index("uq_family_links_pair", "family_links", ["first_id", "second_id", "kind"], unique=True)
    op.create_table(
        "corrections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("measure_id", sa.Integer(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("received_at", columns.UtcDateTime(), nullable=False),
        sa.Column("settled_at", columns.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["measure_id"], ["measures.id"], name=op.f("fk_corrections_measure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
    )
    op.create_index("ix_corrections_measure_id", "corrections", ["measure_id"], unique=False)
    op.create_table(
        "notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("measure_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", columns.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["measure_id"], ["measures.id"], name=op.f("fk_notes_measure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
    )
    op.create_index("ix_notes_measure_id", "notes", ["measure_id"], unique=False)
    op.create_table(
        "observations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("measure_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("retrieved_at", columns.UtcDateTime(), nullable=False),
        sa.Column("first_seen", columns.UtcDateTime(), nullable=False),
        sa.Column("changed_at", columns.UtcDateTime(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["measure_id"], ["measures.id"], name=op.f("fk_observations_measure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_observations")),
    )
    op.create_index("ix_observations_source_id", "observations", ["source", "source_id"], unique=False)
    op.create_index("uq_observations_view", "observations", ["measure_id", "source", "source_id"], unique=True)
    op.create_table(
        "tags",
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("measure_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["measure_id"], ["measures.id"], name=op.f("fk_tags_measure_id")),
        sa.PrimaryKeyConstraint("dimension", "value", "measure_id", name=op.f("pk_tags")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_tags_measure_id", "tags", ["measure_id"], unique=False)
    op.create_table(
        "actions",
        sa.Column("observation_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("date", sa.Date(), nullable=True),
        sa.Column("time", sa.Time(), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("chamber", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("system", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("classification", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("observed_at", columns.UtcDateTime(), nullable=False),
        sa.Column("retracted_at", columns.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["observation_id"], ["observations.id"], name=op.f("fk_actions_observation_id")),
        sa.PrimaryKeyConstraint("observation_id", "seq", name=op.f("pk_actions")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "checks",
        sa.Column("observation_id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("checked_at", columns.UtcDateTime(), nullable=False),
        sa.Column("missing_since", columns.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["observation_id"], ["observations.id"], name=op.f("fk_checks_observation_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_checks_run_id")),
        sa.PrimaryKeyConstraint("observation_id", "scope", name=op.f("pk_checks")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "hearings",
        sa.Column("observation_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["observation_id"], ["observations.id"], name=op.f("fk_hearings_observation_id")),
        sa.PrimaryKeyConstraint("observation_id", "seq", name=op.f("pk_hearings")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_hearings_date", "hearings", ["date"], unique=False)
    op.create_table(
        "provisions",
        sa.Column("classification_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("contested", sa.Boolean(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["classification_id"], ["classifications.id"], name=op.f("fk_provisions_classification_id")
        ),
        sa.PrimaryKeyConstraint("classification_id", "seq", name=op.f("pk_provisions")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reviews",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("measure_id", sa.Integer(), nullable=False),
        sa.Column("classification_id", sa.Integer(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("decided_at", columns.UtcDateTime(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["classification_id"], ["classifications.id"], name=op.f("fk_reviews_classification_id")
        ),
        sa.ForeignKeyConstraint(["measure_id"], ["measures.id"], name=op.f("fk_reviews_measure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
    )
    op.create_index("ix_reviews_measure_id", "reviews", ["measure_id"], unique=False)
    op.create_table(
        "text_versions",
        sa.Column("observation_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("date", sa.Date(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("media_type", sa.Text(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("observed_at", columns.UtcDateTime(), nullable=False),
        sa.Column("retracted_at", columns.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["observation_id"], ["observations.id"], name=op.f("fk_text_versions_observation_id")),
        sa.ForeignKeyConstraint(["sha256"], ["texts.sha256"], name=op.f("fk_text_versions_sha256")),
        sa.PrimaryKeyConstraint("observation_id", "seq", name=op.f("pk_text_versions")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_text_versions_sha256", "text_versions", ["sha256"], unique=False)
    op.create_table(
        "status_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("measure_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("date", sa.Date(), nullable=True),
        sa.Column("cause_observation_id", sa.Integer(), nullable=True),
        sa.Column("cause_seq", sa.Integer(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("ruleset", sa.Text(), nullable=False),
        sa.Column("observed_at", columns.UtcDateTime(), nullable=False),
        sa.Column("retracted_at", columns.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["cause_observation_id", "cause_seq"],
            ["actions.observation_id", "actions.seq"],
            name=op.f("fk_status_events_cause_observation_id_cause_seq"),
        ),
        sa.ForeignKeyConstraint(["measure_id"], ["measures.id"], name=op.f("fk_status_events_measure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_events")),
    )
    op.create_index("ix_status_events_measure_id", "status_events", ["measure_id"], unique=False)
    op.create_table(
        "statuses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("measure_id", sa.Integer(), nullable=False),
        sa.Column("from_stage", sa.Text(), nullable=True),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("stage_date", sa.Date(), nullable=True),
        sa.Column("cause_observation_id", sa.Integer(), nullable=True),
        sa.Column("cause_seq", sa.Integer(), nullable=True),
        sa.Column("ruleset", sa.Text(), nullable=False),
        sa.Column("observed_at", columns.UtcDateTime(), nullable=False),
        sa.Column("superseded_at", columns.UtcDateTime(), nullable=True),
        sa.Column("record", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cause_observation_id", "cause_seq"],
            ["actions.observation_id", "actions.seq"],
            name=op.f("fk_statuses_cause_observation_id_cause_seq"),
        ),
        sa.ForeignKeyConstraint(["measure_id"], ["measures.id"], name=op.f("fk_statuses_measure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statuses")),
    )
    op.create_index("ix_statuses_measure_id", "statuses", ["measure_id"], unique=False)
    op.create_index("ix_statuses_observed_at", "statuses", ["observed_at"], unique=False)
