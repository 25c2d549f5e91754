-- the last of a build: whoever reads complete = true reads marts that belong together
-- depends_on: {{ ref('dim_ebops_line') }}
-- depends_on: {{ ref('dim_period') }}
-- depends_on: {{ ref('dim_place') }}
-- depends_on: {{ ref('dim_release') }}
-- depends_on: {{ ref('dim_registrant') }}
-- depends_on: {{ ref('dim_sector') }}
-- depends_on: {{ ref('fct_registration') }}
-- depends_on: {{ ref('fct_services_trade') }}
-- depends_on: {{ ref('fct_services_trade_print') }}
-- depends_on: {{ ref('fct_services_trade_vintage') }}
-- depends_on: {{ ref('mart_call_centres') }}
-- depends_on: {{ ref('mart_claims_weighed') }}
-- depends_on: {{ ref('mart_derived_periods') }}
-- depends_on: {{ ref('mart_exports_per_registrant') }}
-- depends_on: {{ ref('mart_registered_counts') }}
-- depends_on: {{ ref('mart_registrations') }}
-- depends_on: {{ ref('mart_registrations_member') }}
-- depends_on: {{ ref('mart_revision_statistics') }}
-- depends_on: {{ ref('mart_revisions') }}
-- depends_on: {{ ref('mart_sector_exports') }}
-- depends_on: {{ ref('mart_silent_revisions') }}

with

builds as (

    select * from {{ source('ops', 'build') }}

),

datasets as (

    select * from {{ ref('int_datasets__summarise') }}

),

verifications as (

    select * from {{ source('ops', 'verification') }}

),

this_build as (

    select
        ledger_seq,
        started_at
    from builds
    order by build_id desc
    limit 1

),

-- a sample proves too little; what was said of the marts is not said of a schema as of a day
newest_verification as (

    select distinct on (ledger_seq)
        ledger_seq,
        result
    from verifications
    where scope != 'sample' and {{ 'true' if var('as_of_schema') is none else 'false' }}
    order by ledger_seq asc, verification_id desc

),

final as (

    select
        datasets.dataset,
        datasets.newest_edition,
        datasets.newest_published_on,
        datasets.releases,
        datasets.figures,
        datasets.entries,
        this_build.ledger_seq,
        this_build.started_at as built_at,
        newest_verification.result as verify_result,
        true as complete
    from datasets
    cross join this_build
    left join newest_verification on this_build.ledger_seq = newest_verification.ledger_seq

)

select * from final
