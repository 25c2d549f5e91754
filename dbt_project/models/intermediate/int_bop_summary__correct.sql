with

figures as (

    select * from {{ ref('stg_sbp__bop_summary') }}

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

        figures.bop_line_code,
        figures.period_code,
        figures.period_kind,
        figures.period_start,
        figures.period_end,

        case when corrections.corrected then corrections.value else figures.value_usd_million end as value_usd_million,
        case when corrections.corrected then corrections.flag else figures.flag end as flag,
        coalesce(figures.resolution_usd_million, 0) as resolution_usd_million,
        coalesce(corrections.corrected, false) as corrected

    from figures
    inner join releases on figures.release_id = releases.release_id
    left join corrections on figures.figure_id = corrections.figure_id
    where corrections.is_dropped is not true

)

select * from final
