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
        coalesce(cast(fields -> 'branch' ->> 'value' as boolean), false) as is_branch,
        certificate_no,
        cast(fields -> 'registered_year' ->> 'value' as integer) as registered_year,
        portal_key,
        name,
        place,
        fields -> 'region' ->> 'value' as region,
        valid_from_month,
        valid_till_month,
        status,
        fields -> 'website' ->> 'value' as website,

        locator,
        fields

    from entries

    where dataset = 'pseb/registration_list'

)

select * from renamed
