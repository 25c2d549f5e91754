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

visible as (

    select
        releases.release_id,
        releases.dataset,
        releases.edition,
        releases.origin,
        releases.published_on,
        releases.published_seq,
        lower(spans.during) as recorded_at,
        upper(spans.during) as superseded_at
    from releases
    cross join unnest(releases.visible_during) as spans (during)

),

final as (

    select
        figures.ebops_code as series_code,
        figures.measure,
        figures.period_code,
        figures.period_kind,
        figures.period_start,
        figures.period_end,

        visible.published_on,
        visible.published_seq,
        visible.recorded_at,
        visible.superseded_at,

        figures.value_usd_thousand,
        figures.null_reason,
        figures.flag,
        visible.origin,
        'printed' as basis,

        visible.dataset,
        visible.edition,
        visible.release_id,

        array[figures.figure_id] as value_figure_ids

    from figures
    inner join visible on figures.release_id = visible.release_id

    where
        figures.period_code is not null
        and {{ is_within(['figures.release_id']) }}

)

select * from final
