with

figures as (

    select * from {{ ref('stg_sbp__trade_in_services') }}

),

releases as (

    select * from {{ ref('int_releases__visible') }}

),

corrections as (

    select * from {{ ref('int_corrections__history') }}
    where {{ is_in_force() }}

),

final as (

    select
        figures.figure_id,
        figures.release_id,

        releases.dataset,
        releases.edition,
        releases.origin,
        releases.published_on,
        releases.published_seq,

        figures.ebops_code,
        figures.parent_code,
        figures.label_raw,
        figures.indent,

        figures.measure,
        figures.period_code,
        figures.period_kind,
        figures.period_start,
        figures.period_end,

        {{ as_corrected('figures', 'corrections') }},
        figures.value_unrounded_usd_thousand,
        coalesce(corrections.corrected, false) as corrected,
        coalesce(corrections.is_dropped, false) as is_dropped

    from figures
    inner join releases on figures.release_id = releases.release_id
    left join corrections on figures.figure_id = corrections.figure_id

)

select * from final
