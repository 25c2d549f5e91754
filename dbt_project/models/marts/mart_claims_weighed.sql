-- the planner takes what the views give for one row, and would compare every claim with every other
{{ config(pre_hook="set local enable_nestloop = off", post_hook="{{ write_weigh_function() }}") }}

-- depends_on: {{ ref('cross_check') }}
-- depends_on: {{ ref('int_bop_summary__correct') }}
-- depends_on: {{ ref('int_services_trade__rank') }}
-- depends_on: {{ ref('sector_ebops_line') }}
-- depends_on: {{ ref('sector_part') }}
-- depends_on: {{ ref('sector_staff') }}

with

claims as (

    select * from {{ ref('stg_reported__figures') }}

),

intervals as (

    select * from {{ ref('int_claims__interval') }}

),

releases as (

    select * from {{ ref('int_releases__visible') }}

),

told as (

    select * from {{ ref('int_claims__tell') }}

),

final as (

    select
        claims.claim_id,

        claims.series_code,
        claims.printed_label,
        told.exchanged_with,
        claims.measure,
        claims.period_code,
        claims.period_kind,
        claims.period_start,
        claims.period_end,
        claims.base_period_code,

        intervals.value,
        claims.unit,
        claims.as_printed,
        claims.resolution,
        claims.qualifier,
        intervals.value_low,
        intervals.value_high,

        told.verdict_then,
        told.rule_then,
        told.due_then_low,
        told.due_then_high,
        told.distance_then,
        told.evidence_then_claim_ids,
        told.sentence_then,

        told.verdict_now,
        told.rule_now,
        told.due_now_low,
        told.due_now_high,
        told.distance_now,
        told.evidence_now_claim_ids,
        told.sentence_now,

        told.implied_period_codes,
        told.implied_low,
        told.implied_high,
        told.implied_ytd_low,
        told.implied_ytd_high,
        told.exports_per_head_usd,
        told.exports_per_other_head_usd,

        claims.article,
        claims.outlet,
        claims.published_on,
        claims.published_precision,
        claims.held_by,
        claims.restates,
        claims.note,
        releases.origin,
        releases.dataset,
        releases.release_id,

        array[claims.figure_id] as value_figure_ids,
        told.evidence_then_figure_ids,
        told.evidence_now_figure_ids,
        told.implied_figure_ids,
        told.exports_per_head_figure_ids

    from told
    inner join claims on told.figure_id = claims.figure_id
    inner join intervals on told.figure_id = intervals.figure_id
    inner join releases on claims.release_id = releases.release_id

)

select * from final
