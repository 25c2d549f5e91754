with

entries as (

    select * from {{ source('staging', 'entry') }}

),

renamed as (

    select
        entry_id,
        release_id,
        extraction_id,

        kind,
        certificate_no,
        cast(fields -> 'registered_year' ->> 'value' as integer) as registered_year,
        name,
        valid_from_month,
        valid_till_month,
        cast(fields -> 'is_valid' ->> 'value' as boolean) as is_valid,
        cast(fields -> 'token_issued_at' ->> 'value' as timestamptz) as token_issued_at,
        cast(fields -> 'token_expires_at' ->> 'value' as timestamptz) as token_expires_at,

        locator,
        fields

    from entries

    where dataset = 'pseb/certificate'

)

select * from renamed
