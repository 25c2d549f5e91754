with

exports as (

    select * from {{ ref('int_sector_exports__compute') }}

),

final as (

    select
        sector_code,
        period_code,
        period_kind,
        period_start,
        period_end,

        exports_usd_thousand,
        exports_year_ago_usd_thousand,
        exports_yoy_pct,
        ict_exports_usd_thousand,
        share_of_ict_pct,

        flag,
        origin,
        basis,
        corrected,

        dataset,
        edition,
        published_on,

        exports_figure_ids,
        exports_year_ago_figure_ids,
        ict_exports_figure_ids

    from exports

)

select * from final
