with

figures as (

    select * from {{ source('staging', 'figure') }}

),

renamed as (

    select
        figure_id,
        release_id,
        extraction_id,

        details ->> 'claim_id' as claim_id,
        series_code,
        label_raw as printed_label,
        measure,
        period_code,
        period_kind,
        period_start,
        period_end,
        details ->> 'base_period_code' as base_period_code,
        details ->> 'whole' as whole_code,
        cast(details ->> 'base_start' as date) as base_period_start,
        cast(details ->> 'base_end' as date) as base_period_end,

        cast(round(value, 6) as numeric(20, 6)) as value,
        value as value_unrounded,
        unit,
        resolution,
        qualifier,
        details ->> 'as_printed' as as_printed,

        details ->> 'source' as article,
        details ->> 'outlet' as outlet,
        details ->> 'source_date' as source_date,
        cast(details ->> 'published_on' as date) as published_on,
        details ->> 'published_precision' as published_precision,
        details ->> 'held_by' as held_by,
        details ->> 'restates' as restates,
        details ->> 'note' as note,

        locator

    from figures

    where dataset = 'reported/figures'

)

select * from renamed
