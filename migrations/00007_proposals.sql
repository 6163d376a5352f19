-- +goose Up
create extension if not exists pg_trgm;

create table proposals (
  id                  bigint primary key default new_id(),
  call_id             bigint not null references calls,
  programme_id        bigint not null references programmes,       -- of the call
  organisation_id     bigint not null references organisations,
  reference           text not null unique,                        -- BDG-27-K7Q4M: said aloud, guessed by nobody
  title               text not null default '',
  title_en            text not null default '',
  status              text not null default 'draft' check (status in ('draft', 'discarded', 'submitted', 'returned', 'eligible', 'ineligible',
                        'in_review', 'approved', 'conditional', 'waitlisted', 'declined', 'withdrawn')),
  amount_asked        bigint not null default 0 check (amount_asked >= 0),  -- đồng, from the budget table
  months              int not null default 0 check (months >= 0),
  organisation_name   text not null default '',                    -- as it stood at the last submission
  organisation_kind   text not null default '',
  province_code       text not null default '',                    -- of the applicant, at the last submission
  search_key          text not null default '',                    -- folded: reference, title, organisation
  created_by          bigint not null references people,
  created_at          timestamptz not null,
  updated_at          timestamptz not null,
  submitted_at        timestamptz,                                 -- the last time; null: never
  returned_until      timestamptz,                                 -- first refused instant of a resubmission
  returned_sections   jsonb not null default '{}',                 -- section key → reason
  ineligible_reasons  text not null default '',
  reviews_assigned    int not null default 0,
  reviews_sent        int not null default 0,
  score_mean          numeric(5,2),
  score_min           numeric(5,2),
  score_max           numeric(5,2)
);
create unique index proposals_one_draft on proposals (call_id, organisation_id) where status = 'draft';
create index proposals_organisation on proposals (organisation_id);
create index proposals_search on proposals using gin (search_key gin_trgm_ops) where submitted_at is not null;
-- The desk's sorts, each with and without a call; the id makes every order total.
create index proposals_newest on proposals (submitted_at desc, id desc) where submitted_at is not null;
create index proposals_call_newest on proposals (call_id, submitted_at desc, id desc) where submitted_at is not null;
create index proposals_status_newest on proposals (status, submitted_at desc, id desc) where submitted_at is not null;
create index proposals_call_score on proposals (call_id, coalesce(score_mean, -1) desc, id desc) where submitted_at is not null;
create index proposals_score on proposals (coalesce(score_mean, -1) desc, id desc) where submitted_at is not null;
create index proposals_amount on proposals (amount_asked desc, id desc) where submitted_at is not null;
create index proposals_title on proposals (title collate "vi-x-icu", id) where submitted_at is not null;
create index proposals_province on proposals (province_code, submitted_at desc, id desc) where submitted_at is not null;

create table proposal_sections (
  proposal_id  bigint not null references proposals on delete cascade,
  key          text not null,
  answers      jsonb not null default '{}',
  version      int not null default 1,
  done         boolean not null default false,
  updated_by   bigint not null references people,
  updated_at   timestamptz not null,
  primary key (proposal_id, key)
);

-- What was sent, frozen. Identity stands apart so that a blind call can keep it back.
create table submissions (
  id            bigint primary key default new_id(),
  proposal_id   bigint not null references proposals,
  number        int not null,                     -- 1, 2, 3 … per proposal
  content       jsonb not null,                   -- section key → answers
  identity      jsonb not null,                   -- the organisation, and the sections that name it
  sha256        text not null,                    -- of content, identity and documents, as package proposal writes them
  submitted_by  bigint not null references people,
  submitted_at  timestamptz not null,
  unique (proposal_id, number)
);
create trigger submissions_append_only before update or delete or truncate on submissions
  for each statement execute function refuse_change();

create table documents (
  id           bigint primary key default new_id(),
  proposal_id  bigint not null references proposals,
  section_key  text not null,
  question     text not null,
  purpose      text not null default '',          -- a value of the question's purposes
  number       int not null,                      -- 1, 2, 3 … within the proposal, never used again
  name         text not null,                     -- as shown; a file on disk is named by its hash
  media_type   text not null,
  size         bigint not null check (size >= 0), -- bytes
  sha256       text not null,
  state        text not null check (state in ('not_scanned', 'pending', 'clean', 'infected')),
  personal     boolean not null default false,    -- CV, identity paper, bank letter: never to reviewers
  uploaded_by  bigint not null references people,
  uploaded_at  timestamptz not null,
  removed_at   timestamptz,
  unique (proposal_id, number)
);

create table submission_documents (
  submission_id  bigint not null references submissions,
  document_id    bigint not null references documents,
  primary key (submission_id, document_id)
);
create index submission_documents_document on submission_documents (document_id);

-- +goose Down
drop table submission_documents, documents, submissions, proposal_sections, proposals;
drop extension pg_trgm;
