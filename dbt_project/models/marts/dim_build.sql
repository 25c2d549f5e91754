-- the last of a build: whoever reads complete = true reads marts that belong together
-- depends_on: {{ ref('dim_ebops_line') }}
-- depends_on: {{ ref('dim_period') }}
-- depends_on: {{ ref('dim_release') }}
-- depends_on: {{ ref('dim_sector') }}
-- depends_on: {{ ref('fct_services_trade') }}
-- depends_on: {{ ref('fct_services_trade_vintage') }}
-- depends_on: {{ ref('mart_call_centres') }}
-- depends_on: {{ ref('mart_derived_periods') }}
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

this_build as (

    select
        ledger_seq,
        started_at
    from builds
    order by build_id desc
    limit 1

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
        cast(null as text) as verify_result,
        true as complete
    from datasets
    cross join this_build

)

select * from final
