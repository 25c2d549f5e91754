with

figures as (

    select * from {{ ref('stg_sbp__trade_in_services') }}

),

releases as (

    select * from {{ ref('int_releases__visible') }}

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

        figures.value_usd_thousand,
        figures.value_unrounded_usd_thousand,
        figures.null_reason,
        figures.flag,

        {{ recency('figures.ebops_code') }} as recency

    from figures
    inner join releases on figures.release_id = releases.release_id

)

select * from final
