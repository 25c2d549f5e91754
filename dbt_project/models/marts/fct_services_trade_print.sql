{{
    config(
        difference_within='int_releases__touched',
        indexes=[{'columns': ['release_id']}],
        pre_hook='{{ note_within() }}',
        post_hook='{{ note_watermark() }}'
    )
}}

-- depends_on: {{ ref('int_releases__touched') }}
-- the checks on what is printed stop this mart too
-- depends_on: {{ ref('int_services_trade__rank') }}

with

figures as (

    select * from {{ ref('stg_sbp__trade_in_services') }}

),

releases as (

    select * from {{ ref('int_releases__history') }}

),

corrections as (

    select * from {{ ref('int_corrections__history') }}

),

final as (

    select
        figures.ebops_code as series_code,
        figures.measure,
        figures.period_code,
        figures.period_kind,
        figures.period_start,
        figures.period_end,

        releases.published_on,
        releases.published_seq,
        lower(spans.during) as recorded_at,
        upper(spans.during) as superseded_at,

        {{ as_corrected('figures', 'corrections') }},
        releases.origin,
        'printed' as basis,
        coalesce(corrections.corrected, false) as corrected,

        releases.dataset,
        releases.edition,
        releases.release_id,

        array[figures.figure_id] as value_figure_ids

    from figures
    inner join releases on figures.release_id = releases.release_id
    left join corrections on figures.figure_id = corrections.figure_id
    cross join unnest({{ known_during('releases', 'corrections') }}) as spans (during)

    where
        figures.period_code is not null
        and corrections.is_dropped is not true
        and {{ is_within(['figures.release_id']) }}

)

select * from final
