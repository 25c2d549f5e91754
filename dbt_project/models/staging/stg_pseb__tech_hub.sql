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
        name,
        place,
        cast(fields -> 'staff' ->> 'value' as integer) as staff,
        cast(fields -> 'seats' ->> 'value' as integer) as seats,
        cast(fields -> 'csr_agents' ->> 'value' as integer) as csr_agents,
        cast(fields -> 'experience_years' ->> 'value' as integer) as experience_years,
        fields -> 'expertise' -> 'value' as expertise,
        fields -> 'website' ->> 'value' as website,

        locator,
        fields

    from entries

    where dataset = 'pseb/tech_hub'

)

select * from renamed
