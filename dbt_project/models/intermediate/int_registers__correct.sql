with

lists as (

    select * from {{ ref('stg_pseb__registration_list') }}

),

exports as (

    select * from {{ ref('stg_pseb__registry_export') }}

),

certificates as (

    select * from {{ ref('stg_pseb__certificate') }}

),

directory as (

    select * from {{ ref('stg_pseb__tech_hub') }}

),

releases as (

    select * from {{ ref('int_releases__visible') }}

),

corrections as (

    select * from {{ ref('int_corrections__entries') }}

),

-- the kind is no field's value: it is what a publisher's word, a heading or a container stands for
entries as (

    select
        entry_id,
        release_id,
        locator,
        kind,
        fields
    from lists

    union all

    select
        entry_id,
        release_id,
        locator,
        kind,
        fields
    from exports

    union all

    select
        entry_id,
        release_id,
        locator,
        kind,
        fields
    from certificates

    union all

    select
        entry_id,
        release_id,
        locator,
        kind,
        fields
    from directory

),

final as (

    select
        entries.entry_id,
        entries.release_id,

        releases.dataset,
        releases.edition,
        releases.origin,
        releases.coverage,
        releases.published_on,
        releases.published_seq,

        coalesce(corrections.changes ->> 'kind', entries.kind) as kind,
        {{ corrected_field('certificate_no') }} as certificate_no,
        {{ corrected_field('portal_key') }} as portal_key,
        {{ corrected_field('name') }} as name,  -- noqa: RF04
        {{ corrected_field('place') }} as place,
        cast({{ corrected_field('valid_from') }} || '-01' as date) as valid_from_month,
        cast({{ corrected_field('valid_till') }} || '-01' as date) as valid_till_month,
        {{ corrected_field('status') }} as status,
        coalesce(cast({{ corrected_field('is_archived') }} as boolean), false) as is_archived,

        entries.locator,
        corrections.entry_id is not null as corrected,
        coalesce(corrections.is_dropped, false) as is_dropped

    from entries
    inner join releases on entries.release_id = releases.release_id
    left join corrections on entries.entry_id = corrections.entry_id

)

select * from final
