{{
    config(
        indexes=[{'columns': ['period_code']}],
        post_hook="{{ write_as_of_function('services_trade_as_of', services_trade_as_of(), 'Trade in services') }}"
    )
}}

-- depends_on: {{ ref('fct_services_trade_vintage') }}

with

latest as (

    select * from {{ ref('int_services_trade__latest') }}

),

final as (

    select
        ebops_code,
        measure,
        period_code,
        period_kind,
        period_start,
        period_end,

        value_usd_thousand,
        null_reason,
        flag,
        origin,
        'printed' as basis,
        corrected,

        dataset,
        edition,
        release_id,
        published_on,

        array[figure_id] as value_figure_ids

    from latest

)

select * from final
