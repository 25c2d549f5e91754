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

valued as (

    select
        entries.entry_id,
        entries.release_id,
        entries.locator,
        coalesce(corrections.changes ->> 'kind', entries.kind) as kind,
        stated.field_values || coalesce(corrections.changes, '{}') as field_values,
        corrections.entry_id is not null as corrected,
        coalesce(corrections.is_dropped, false) as is_dropped
    from entries
    left join corrections on entries.entry_id = corrections.entry_id
    cross join lateral (
        select jsonb_object_agg(one.name, one.field -> 'value') as field_values
        from jsonb_each(entries.fields) as one (name, field)
    ) as stated

),

final as (

    select
        valued.entry_id,
        valued.release_id,

        releases.dataset,
        releases.edition,
        releases.origin,
        releases.coverage,
        releases.published_on,
        releases.published_seq,

        valued.kind,
        valued.field_values ->> 'certificate_no' as certificate_no,
        valued.field_values ->> 'portal_key' as portal_key,
        valued.field_values ->> 'name' as name,  -- noqa: RF04
        valued.field_values ->> 'place' as place,
        cast(valued.field_values ->> 'valid_from' || '-01' as date) as valid_from_month,
        cast(valued.field_values ->> 'valid_till' || '-01' as date) as valid_till_month,
        valued.field_values ->> 'status' as status,

        valued.locator,
        valued.field_values,
        valued.corrected,
        valued.is_dropped

    from valued
    inner join releases on valued.release_id = releases.release_id

)

select * from final
