with

ranked as (

    select * from {{ ref('int_services_trade__rank') }}

),

final as (

    select
        figure_id,
        release_id,

        dataset,
        edition,
        origin,
        published_on,
        published_seq,

        ebops_code,

        measure,
        period_code,
        period_kind,
        period_start,
        period_end,

        value_usd_thousand,
        null_reason,
        flag,
        corrected

    from ranked

    where recency = 1

)

select * from final
