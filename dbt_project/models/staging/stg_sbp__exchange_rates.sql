with

figures as (

    select * from {{ source('staging', 'figure') }}

),

renamed as (

    select
        figure_id,
        release_id,
        extraction_id,

        series_code as currency_code,
        measure,
        label_raw as month_as_printed,
        details ->> 'year_as_printed' as year_as_printed,

        period_code,
        period_kind,
        period_start,
        period_end,

        cast(round(value, 6) as numeric(20, 6)) as rate_pkr_per_usd,
        value as rate_unrounded_pkr_per_usd,
        null_reason,
        unit,
        flag,

        locator,
        header_locator,
        details ->> 'year_locator' as year_locator,
        as_printed,
        header_as_printed

    from figures

    where dataset = 'sbp/exchange_rates'

)

select * from renamed
