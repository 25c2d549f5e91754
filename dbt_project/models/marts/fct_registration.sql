{{
    config(
        difference_within='int_registrations__touched',
        pre_hook=["{{ note_within() }}", "{{ note_registrants_with_news() }}"],
        post_hook=[
            "{{ note_watermark() }}",
            "{{ forget_changed_registrants() }}",
            "{{ write_as_of_function('registrations_as_of', registrations_as_of(), 'Registrations', false, ['is_lapsed boolean']) }}",
        ]
    )
}}

-- depends_on: {{ ref('int_registrations__touched') }}
-- depends_on: {{ ref('int_registrations__news') }}

with

sights as (

    select * from {{ ref('int_registrations__sight') }}
    {{ rows_of_noted_registrants() }}

),

lists as (

    select * from {{ ref('int_registers__lists') }}

),

places as (

    select * from {{ ref('dim_place') }}

),

-- one row a location and day: of several releases by dataset, then the later one, then the newer validity
daily as (

    select distinct on (registrant_code, location_code, published_on) *
    from sights
    order by
        registrant_code asc,
        location_code asc,
        published_on asc,
        dataset asc,
        published_seq desc,
        valid_till_month desc nulls last,
        entry_id desc

),

-- what a release does not say is as it was said last
said as (

    select
        registrant_code,
        location_code,
        published_on,
        is_branch,
        valid_from_month,
        is_provisional,
        {{ said_last('kind', 'text') }} as kind,
        {{ said_last('place_code', 'text') }} as place_code,
        {{ said_last('valid_till_month', 'date') }} as valid_till_month,
        lead(published_on) over (
            partition by registrant_code, location_code
            order by published_on asc
        ) as next_sighted_on,
        dataset,
        release_id,
        entry_id,
        origin,
        corrected,
        linked_by,
        probability
    from daily

),

sighted as (

    select
        said.registrant_code,
        said.location_code,
        said.published_on,
        said.is_branch,
        said.kind,
        coalesce(said.place_code, 'unknown') as place_code,
        {{ said_last('valid_from_month', 'date', 'registrant_code, location_code, valid_till_month') }}
            as valid_from_month,
        said.valid_till_month,
        coalesce(
            {{ said_last('is_provisional', 'boolean', 'registrant_code, location_code, valid_till_month') }},
            false
        ) as is_provisional,
        said.next_sighted_on,
        said.dataset,
        said.release_id,
        said.entry_id,
        said.origin,
        said.corrected,
        said.linked_by,
        said.probability
    from said

),

-- the first complete list of its scope, after it was sighted and before it is again, in which it is not
left_out as (

    select distinct on (sighted.registrant_code, sighted.location_code, sighted.published_on)
        sighted.registrant_code,
        sighted.location_code,
        sighted.published_on as sighted_on,
        lists.published_on,
        lists.release_id
    from sighted
    left join places on sighted.place_code = places.place_code
    inner join lists
        on
            sighted.published_on < lists.published_on
            and (sighted.next_sighted_on is null or sighted.next_sighted_on > lists.published_on)
            and {{ is_in_scope('lists', 'sighted.kind', 'places.region_name') }}
    order by
        sighted.registrant_code asc,
        sighted.location_code asc,
        sighted.published_on asc,
        lists.published_on asc,
        lists.release_id asc

),

stated as (

    select
        registrant_code,
        location_code,
        published_on,
        is_branch,
        kind,
        place_code,
        valid_from_month,
        valid_till_month,
        is_provisional,
        true as is_listed,
        dataset,
        release_id,
        entry_id,
        origin,
        corrected,
        linked_by,
        probability
    from sighted

    union all

    select
        sighted.registrant_code,
        sighted.location_code,
        left_out.published_on,
        sighted.is_branch,
        sighted.kind,
        sighted.place_code,
        sighted.valid_from_month,
        sighted.valid_till_month,
        sighted.is_provisional,
        false as is_listed,
        sighted.dataset,
        left_out.release_id,
        sighted.entry_id,
        sighted.origin,
        sighted.corrected,
        sighted.linked_by,
        sighted.probability
    from left_out
    inner join sighted
        on
            left_out.registrant_code = sighted.registrant_code
            and left_out.location_code = sighted.location_code
            and left_out.sighted_on = sighted.published_on

),

versioned as (

    select
        *,
        jsonb_build_array(
            is_branch, kind, place_code, valid_from_month, valid_till_month, is_provisional, is_listed
        ) as told
    from stated

),

compared as (

    select
        *,
        lag(told) over (
            partition by registrant_code, location_code
            order by published_on asc
        ) as told_before,
        lag(valid_till_month) over (
            partition by registrant_code, location_code
            order by published_on asc
        ) as valid_till_month_before,
        lag(is_provisional) over (
            partition by registrant_code, location_code
            order by published_on asc
        ) as was_provisional
    from versioned

),

judged as (

    select
        *,
        cast(valid_till_month + interval '1 month' as date) as lapses_on,
        case
            when valid_till_month is null or valid_till_month = valid_till_month_before then null
            else {{ succession() }}
        end as begun_as
    from compared

),

states as (

    select
        *,
        {{ said_last('begun_as', 'text') }} as succession
    from judged

),

final as (

    select
        registrant_code,
        location_code,
        published_on,
        lead(published_on) over (
            partition by registrant_code, location_code
            order by published_on asc
        ) as superseded_on,

        kind,
        place_code,
        is_branch,
        valid_from_month,
        valid_till_month,
        lapses_on,
        is_provisional,
        succession,
        is_listed,

        linked_by,
        probability as link_probability,
        corrected,
        origin,
        dataset,
        release_id,
        array[entry_id] as entry_ids

    from states
    where told is distinct from told_before

)

select * from final
