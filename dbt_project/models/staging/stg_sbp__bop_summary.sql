with

figures as (

    select * from {{ source('staging', 'figure') }}

),

renamed as (

    select
        figure_id,
        release_id,
        extraction_id,

        series_code as bop_line_code,
        parent_code,
        label_raw,
        indent,

        measure,
        period_code,
        period_kind,
        period_start,
        period_end,

        cast(round(value, 6) as numeric(20, 6)) as value_usd_million,
        value as value_unrounded_usd_million,
        cast(resolution as numeric(20, 6)) as resolution_usd_million,
        null_reason,
        unit,
        flag,

        locator,
        header_locator,
        details ->> 'year_locator' as year_locator,
        as_printed,
        header_as_printed,
        details ->> 'year_as_printed' as year_as_printed

    from figures

    where dataset = 'sbp/bop_summary'

)

select * from renamed
