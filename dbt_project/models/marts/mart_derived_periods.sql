with

figures as (

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

        {{ remainder('value_usd_thousand') }} as value_usd_thousand,

        {{ weakest_flag('flag') }} as flag,
        {{ weakest_origin('origin') }} as origin,
        basis,
        bool_or(corrected) as corrected,

        {{ of_newest('dataset') }} as dataset,
        {{ of_newest('edition') }} as edition,
        {{ of_newest('release_id') }} as release_id,
        max(published_on) as published_on,

        {{ added_ids('figure_id') }} as value_figure_ids,
        {{ less_ids('figure_id') }} as value_less_figure_ids

    from figures

    group by
        ebops_code,
        measure,
        period_code,
        period_kind,
        period_start,
        period_end,
        basis

)

select * from final
