with

prints as (

    select * from {{ ref('int_services_trade__correct') }}

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
        parent_code,
        label_raw,
        indent,

        measure,
        period_code,
        period_kind,
        period_start,
        period_end,

        value_usd_thousand,
        null_reason,
        flag,
        corrected,

        {{ recency('ebops_code') }} as recency

    from prints

    where not is_dropped

)

select * from final
