{{
    config(
        difference_within='int_services_trade__touched',
        indexes=[
            {'columns': ['series_code', 'measure', 'period_code']},
            {'columns': ['period_code', 'series_code', 'measure']}
        ],
        pre_hook=["set local work_mem = '64MB'", '{{ note_within() }}'],
        post_hook='{{ note_watermark() }}'
    )
}}

-- depends_on: {{ ref('int_releases__append') }}
-- depends_on: {{ ref('int_services_trade__touched') }}
-- the checks on what is printed stop this mart too
-- depends_on: {{ ref('int_services_trade__rank') }}

{% set appended = appended_releases() %}

with

-- releases that only add to what stands are read alone
figures as (

    select * from {{ ref('stg_sbp__trade_in_services') }}
    {% if appended %}
        where release_id in ({{ appended | join(', ') }})
    {% endif %}

),

releases as (

    select * from {{ ref('int_releases__history') }}

),

corrections as (

    select * from {{ ref('int_corrections__history') }}

),

-- a figure that was ever corrected is as many prints as it had states, each visible while it stood; never two of them
-- together, so that their order among themselves does not matter
prints as (

    select
        figures.figure_id,
        figures.release_id,

        releases.dataset,
        releases.edition,
        releases.origin,
        releases.published_on,
        releases.published_seq,
        {{ known_during('releases', 'corrections') }} as visible_during,

        figures.ebops_code as series_code,
        figures.measure,
        figures.period_code,
        figures.period_kind,
        figures.period_start,
        figures.period_end,

        {{ as_corrected('figures', 'corrections') }},
        coalesce(corrections.corrected, false) as corrected

    from figures
    inner join releases on figures.release_id = releases.release_id
    left join corrections on figures.figure_id = corrections.figure_id

    where
        figures.period_code is not null
        and corrections.is_dropped is not true
        and {{ is_within(['figures.ebops_code', 'figures.measure', 'figures.period_code']) }}

),

-- before those, what stands is as good as the prints it came of: what they started, when, and where it was seen last
known as (

    select
        *,
        edition as last_seen_edition
    from prints

    {% if appended %}
        union all

        select
            value_figure_ids[1] as figure_id,
            release_id,

            dataset,
            edition,
            origin,
            published_on,
            published_seq,
            tstzmultirange(tstzrange(recorded_at, superseded_at)) as visible_during,

            series_code,
            measure,
            period_code,
            period_kind,
            period_start,
            period_end,

            value_usd_thousand,
            null_reason,
            flag,
            corrected,

            last_seen_edition
        from {{ this }}
        where {{ is_within(['series_code', 'measure', 'period_code']) }}
    {% endif %}

),

-- a print that repeats the one before it, and was never visible without it, starts nothing and ends nothing
placed as (

    select
        *,
        dense_rank() over (order by dataset asc, series_code asc, measure asc, period_code asc) as key_no,
        row_number() over of_key as place,
        coalesce(
            not {{ is_another_state('of_key') }}
            and lag(visible_during) over of_key @> visible_during,
            false
        ) as repeats
    from known
    window of_key as (
        partition by dataset, series_code, measure, period_code
        order by published_on asc, published_seq asc, lower(visible_during) asc
    )

),

kept as (

    select * from placed
    where not repeats

),

instants as (

    select
        kept.key_no,
        lower(spans.during) as at
    from kept
    cross join unnest(kept.visible_during) as spans (during)

    union distinct

    select
        kept.key_no,
        upper(spans.during) as at
    from kept
    cross join unnest(kept.visible_during) as spans (during)
    where not upper_inf(spans.during)

),

-- the recorded axis of a key, cut wherever what is visible of it changed
slices as (

    select
        key_no,
        row_number() over (partition by key_no order by at asc) as slice_no,
        at as recorded_at,
        lead(at) over (partition by key_no order by at asc) as superseded_at
    from instants

),

standing as (

    select
        slices.key_no,
        slices.slice_no,
        slices.recorded_at,
        slices.superseded_at,
        kept.place,
        kept.published_on,
        to_char(kept.period_end - 1, 'YYYY-MM') = kept.edition as ends_in_edition,
        row_number() over of_slice = 1 as is_first,
        {{ is_another_state('of_slice') }} as is_other
    from slices
    inner join kept
        on
            slices.key_no = kept.key_no
            and slices.recorded_at <@ kept.visible_during
    window of_slice as (partition by slices.key_no, slices.slice_no order by kept.place asc)

),

-- along the published axis: each state from its first print to the first of the next
stretches as (

    select
        key_no,
        slice_no,
        recorded_at,
        superseded_at,
        place,
        is_first and ends_in_edition as is_first_print,
        lead(published_on) over of_slice as superseded_on,
        lead(place) over of_slice as superseded_place
    from standing
    where is_first or is_other
    window of_slice as (partition by key_no, slice_no order by place asc)

),

-- along the recorded axis: slices in a row that say the same are one rectangle
grouped as (

    select
        *,
        slice_no - row_number() over (
            partition by key_no, place, superseded_on, is_first_print
            order by slice_no asc
        ) as run_no
    from stretches

),

rectangles as (

    select
        key_no,
        place,
        superseded_on,
        is_first_print,
        min(recorded_at) as recorded_at,
        (array_agg(superseded_at order by slice_no desc))[1] as superseded_at,
        (array_agg(superseded_place order by slice_no desc))[1] as superseded_place
    from grouped
    group by
        key_no,
        place,
        superseded_on,
        is_first_print,
        run_no

),

-- as the rectangle's last instant knew it; instants are whole microseconds
last_seen as (

    select
        rectangles.key_no,
        rectangles.place,
        rectangles.superseded_on,
        rectangles.recorded_at,
        rectangles.superseded_at,
        rectangles.is_first_print,
        (array_agg(placed.last_seen_edition order by placed.place desc))[1] as last_seen_edition
    from rectangles
    inner join placed
        on
            rectangles.key_no = placed.key_no
            and rectangles.place <= placed.place
            and (rectangles.superseded_place is null or rectangles.superseded_place > placed.place)
            and case
                when rectangles.superseded_at is null then upper_inf(placed.visible_during)
                else placed.visible_during @> rectangles.superseded_at - interval '1 microsecond'
            end
    group by
        rectangles.key_no,
        rectangles.place,
        rectangles.superseded_on,
        rectangles.recorded_at,
        rectangles.superseded_at,
        rectangles.is_first_print

),

final as (

    select
        placed.dataset,
        placed.series_code,
        placed.measure,
        placed.period_code,
        placed.period_kind,
        placed.period_start,
        placed.period_end,

        placed.published_on,
        cast(placed.published_seq as integer) as published_seq,
        last_seen.superseded_on,
        last_seen.recorded_at,
        last_seen.superseded_at,

        placed.value_usd_thousand,
        placed.null_reason,
        placed.flag,
        placed.corrected,
        last_seen.is_first_print,
        placed.origin,
        'printed' as basis,

        placed.release_id,
        placed.edition,
        last_seen.last_seen_edition,

        array[placed.figure_id] as value_figure_ids

    from last_seen
    inner join placed
        on
            last_seen.key_no = placed.key_no
            and last_seen.place = placed.place

)

select * from final
