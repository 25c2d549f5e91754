with

derived as (

    select * from {{ ref('int_services_trade__derive') }}

),

final as (

    select
        ebops_code as series_code,
        measure,
        period_code,
        period_kind,
        period_start,
        period_end,

        value_usd_thousand,
        whole_usd_thousand,
        less_usd_thousand,

        flag,
        origin,
        basis,
        corrected,

        dataset,
        edition,
        release_id,
        published_on,

        whole_figure_ids,
        less_figure_ids

    from derived

)

select * from final
