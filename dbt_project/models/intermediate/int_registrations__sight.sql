with

entries as (

    select * from {{ ref('int_registers__correct') }}

),

identities as (

    select * from {{ source('resolved', 'identity') }}

),

-- the same as sanad.link.rows.Row.keys; a version that the publisher has archived is not what it says now
keyed as (

    select
        *,
        'certificate:' || upper(regexp_replace(nullif(certificate_no, ''), '\s+', '', 'g')) as certificate_key,
        'portal:' || upper(regexp_replace(nullif(portal_key, ''), '\s+', '', 'g')) as portal_code,
        lower(status) = 'provisional' as is_provisional
    from entries
    where not is_dropped and not is_archived

),

final as (

    select
        identities.registrant_code,
        coalesce(
            keyed.certificate_key,
            keyed.portal_code,
            'place:' || identities.place_code || case when identities.is_branch then '/branch' else '' end
        ) as location_code,

        keyed.entry_id,
        keyed.release_id,
        keyed.dataset,
        keyed.origin,
        keyed.published_on,
        keyed.published_seq,

        keyed.kind,
        nullif(identities.place_code, 'unknown') as place_code,
        identities.is_branch,
        keyed.valid_from_month,
        keyed.valid_till_month,
        keyed.is_provisional,

        keyed.corrected,
        identities.linked_by,
        identities.probability

    from keyed
    inner join identities on keyed.entry_id = identities.entry_id
    where keyed.certificate_key is not null or keyed.portal_code is not null or keyed.valid_till_month is not null

)

select * from final
