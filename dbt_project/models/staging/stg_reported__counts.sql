with

figures as (

    select * from {{ source('staging', 'figure') }}

),

renamed as (

    select
        figure_id,
        release_id,
        extraction_id,

        series_code as counted_what,
        measure as count_kind,
        details ->> 'counted' as counted,
        details ->> 'region' as region,
        details ->> 'claimant' as claimant,
        details ->> 'count_id' as count_id,

        cast(details ->> 'reference_on' as date) as reference_on,
        details ->> 'reference_precision' as reference_precision,
        period_code,
        period_start,
        period_end,

        cast(round(value, 6) as numeric(20, 6)) as value,
        qualifier,
        unit,
        details ->> 'note' as note,
        details ->> 'source_url' as source_url,
        cast(nullif(details ->> 'published', '') as date) as published_on,

        locator,
        as_printed

    from figures

    where dataset = 'reported/counts'

)

select * from renamed
