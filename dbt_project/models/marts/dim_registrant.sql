with

entries as (

    select * from {{ ref('int_registers__correct') }}

),

identities as (

    select * from {{ source('resolved', 'identity') }}

),

named as (

    select
        identities.registrant_code,
        identities.linked_by,
        identities.probability,
        entries.entry_id,
        entries.dataset,
        entries.origin,
        entries.published_on,
        entries.kind,
        nullif(entries.certificate_no, '') as certificate_no,
        nullif(entries.portal_key, '') as portal_key,
        entries.name,
        entries.corrected,
        row_number() over (
            partition by identities.registrant_code
            order by
                identities.is_branch asc,
                entries.published_on desc,
                entries.dataset asc,
                entries.published_seq desc,
                entries.entry_id desc
        ) as recency
    from entries
    inner join identities on entries.entry_id = identities.entry_id
    where not entries.is_dropped

),

-- each way in which it is named, by the row that was first to say so
first_said as (

    select distinct on (registrant_code, name, certificate_no, portal_key, linked_by)
        registrant_code,
        linked_by,
        probability,
        entry_id,
        dataset,
        origin,
        name,
        certificate_no,
        portal_key
    from named
    order by
        registrant_code asc,
        name asc,
        certificate_no asc,
        portal_key asc,
        linked_by asc,
        published_on asc,
        entry_id asc

),

newest as (

    select
        registrant_code,
        name
    from named
    where recency = 1

),

kinds as (

    select
        registrant_code,
        array_agg(distinct kind order by kind) filter (where kind is not null) as kinds,
        min(published_on) as first_listed_on,
        bool_or(corrected) as corrected
    from named
    group by registrant_code

),

said as (

    select
        registrant_code,
        array_agg(distinct name) as names,  -- noqa: RF04
        array_agg(distinct certificate_no) filter (where certificate_no is not null) as certificate_nos,
        array_agg(distinct portal_key) filter (where portal_key is not null) as portal_keys,
        array_agg(distinct dataset) as datasets,
        bool_or(linked_by in ('name', 'person')) as is_linked,
        min(probability) as least_link_probability,
        {{ weakest_origin('origin') }} as origin,
        array_agg(distinct entry_id order by entry_id) as entry_ids
    from first_said
    group by registrant_code

),

final as (

    select
        said.registrant_code,
        newest.name as registrant_name,
        {{ in_order('said.names') }} as names,  -- noqa: RF04
        coalesce(kinds.kinds, '{}') as kinds,
        {{ in_order('said.certificate_nos') }} as certificate_nos,
        {{ in_order('said.portal_keys') }} as portal_keys,
        {{ in_order('said.datasets') }} as datasets,
        kinds.first_listed_on,
        said.is_linked,
        said.least_link_probability,
        kinds.corrected,
        said.origin,
        said.entry_ids
    from said
    inner join newest on said.registrant_code = newest.registrant_code
    inner join kinds on said.registrant_code = kinds.registrant_code

)

select * from final
