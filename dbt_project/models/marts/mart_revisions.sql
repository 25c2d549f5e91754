with

prints as (

    select * from {{ ref('int_services_trade__rank') }}

),

paired as (

    select
        *,
        row_number() over of_key = 2
        and to_char(period_end - 1, 'YYYY-MM') = lag(edition) over of_key as is_of_first_print,
        lag(edition) over of_key as edition_before,
        lag(published_on) over of_key as published_before_on,
        lag(value_usd_thousand) over of_key as value_before_usd_thousand,
        lag(flag) over of_key as flag_before,
        lag(origin) over of_key as origin_before,
        corrected or lag(corrected) over of_key as any_corrected,
        lag(figure_id) over of_key as figure_before_id
    from prints
    where period_code is not null
    window of_key as (
        partition by dataset, ebops_code, measure, period_code
        order by published_on asc, published_seq asc
    )

),

final as (

    select
        dataset,
        ebops_code as series_code,
        measure,
        period_code,
        period_kind,
        period_start,
        period_end,

        published_on,
        published_seq,
        release_id,
        edition,
        edition_before,
        published_before_on,
        published_on - published_before_on as days_since_before,
        is_of_first_print,

        value_usd_thousand,
        value_before_usd_thousand,
        cast(value_usd_thousand - value_before_usd_thousand as numeric(20, 6)) as change_usd_thousand,
        {{ pct_change('value_usd_thousand', 'value_before_usd_thousand') }} as change_pct,
        flag,
        flag_before,
        {{ weakest_origin_of(['origin', 'origin_before']) }} as origin,
        'printed' as basis,
        any_corrected as corrected,

        array[figure_id] as value_figure_ids,
        array[figure_before_id] as value_before_figure_ids

    from paired

    where figure_before_id is not null

)

select * from final
