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
        cast(fields -> 'record_id' ->> 'value' as bigint) as record_id,
        cast(fields -> 'previous_record_id' ->> 'value' as bigint) as previous_record_id,
        portal_key,
        certificate_no,
        cast(fields -> 'registered_year' ->> 'value' as integer) as registered_year,
        name,
        place,
        status,
        cast(fields -> 'is_archived' ->> 'value' as boolean) as is_archived,
        fields -> 'activities' -> 'value' as activities,
        cast(fields -> 'created_at' ->> 'value' as timestamptz) as created_at,
        cast(fields -> 'updated_at' ->> 'value' as timestamptz) as updated_at,

        locator,
        fields

    from entries

    where dataset = 'pseb/registry_export'

)

select * from renamed
