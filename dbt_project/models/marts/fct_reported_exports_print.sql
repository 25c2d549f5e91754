-- the planner takes what the views give for one row, and would compare every claim with every other
{{
    config(
        pre_hook="set local enable_nestloop = off",
        post_hook="analyze {{ this }}"
    )
}}

with

figures as (

    select * from {{ ref('stg_reported__figures') }}

),

sectors as (

    select * from {{ ref('sector') }}

),

exchanged as (

    select * from {{ ref('int_claims__exchange') }}

),

releases as (

    select * from {{ ref('int_releases__history') }}

),

corrections as (

    select * from {{ ref('int_corrections__history') }}

),

told as (

    select
        figures.*,
        coalesce(exchanged.read_as, figures.series_code) as sector_code,
        exchanged.read_as is not null as is_exchanged,
        case when corrections.corrected then corrections.value else figures.value_unrounded end as value_in_force,
        coalesce(corrections.corrected, false) as corrected,
        releases.published_on as release_published_on,
        releases.published_seq,
        releases.origin,
        releases.dataset,
        releases.edition,
        {{ known_during('releases', 'corrections') }} as known_during
    from figures
    inner join releases on figures.release_id = releases.release_id
    left join exchanged on figures.figure_id = exchanged.figure_id
    left join corrections on figures.figure_id = corrections.figure_id
    where
        figures.measure = 'credit'
        and figures.unit = 'usd_million'
        and figures.period_code is not null
        and corrections.is_dropped is not true

),

final as (

    select
        told.sector_code,
        told.is_exchanged,
        told.claim_id,
        told.restates,
        told.period_code,
        told.period_kind,
        told.period_start,
        told.period_end,

        told.published_on as printed_on,
        told.release_published_on as published_on,
        told.published_seq,
        lower(spans.during) as recorded_at,
        upper(spans.during) as superseded_at,

        cast(round(1000 * told.value_in_force, 6) as numeric(20, 6)) as value_usd_thousand,
        {{ printed_low('round(told.value_in_force, 6)', 'told.resolution', 'told.qualifier') }} as low_usd_million,
        {{ printed_high('round(told.value_in_force, 6)', 'told.resolution', 'told.qualifier') }} as high_usd_million,
        cast(round(1000 * {{ printed_width('told.resolution', 'told.qualifier') }}, 6) as numeric(20, 6))
            as resolution_usd_thousand,
        told.origin,
        'printed' as basis,
        told.corrected,

        told.dataset,
        told.edition,
        told.release_id,

        array[told.figure_id] as value_figure_ids

    from told
    inner join sectors on told.sector_code = sectors.sector_code
    cross join unnest(told.known_during) as spans (during)
    where told.value_in_force is not null

)

select * from final
