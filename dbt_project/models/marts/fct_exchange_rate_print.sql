{{
    config(
        difference_within='int_exchange_rates__touched',
        indexes=[{'columns': ['release_id']}],
        pre_hook='{{ note_within() }}',
        post_hook='{{ note_watermark() }}'
    )
}}

-- depends_on: {{ ref('int_exchange_rates__touched') }}

with

figures as (

    select * from {{ ref('stg_sbp__exchange_rates') }}

),

releases as (

    select * from {{ ref('int_releases__history') }}

),

corrections as (

    select * from {{ ref('int_corrections__history') }}

),

final as (

    select
        figures.currency_code,
        figures.measure,
        figures.period_code,
        figures.period_start,
        figures.period_end,

        releases.published_on,
        releases.published_seq,
        lower(spans.during) as recorded_at,
        upper(spans.during) as superseded_at,

        case when corrections.corrected then corrections.value else figures.rate_pkr_per_usd end as rate_pkr_per_usd,
        releases.origin,
        coalesce(corrections.corrected, false) as corrected,

        releases.dataset,
        releases.edition,
        releases.release_id,

        array[figures.figure_id] as rate_figure_ids

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
