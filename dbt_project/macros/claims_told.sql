{#- An interval in words: 0.5 to 1.5 million US$. -#}
{% macro bounds_told(low, high, unit) -%}
    concat(
        case
            when {{ low }} = {{ high }} then trim_scale({{ low }})::text
            when {{ low }} is null then 'at most ' || trim_scale({{ high }})::text
            when {{ high }} is null then 'at least ' || trim_scale({{ low }})::text
            else trim_scale({{ low }})::text || ' to ' || trim_scale({{ high }})::text
        end,
        {{ unit_told(unit) }}
    )
{%- endmacro %}

{% macro unit_told(unit) -%}
    case {{ unit }}
        when 'usd_million' then ' million US$'
        when 'pkr_million' then ' million rupees'
        when 'pct' then ' percent'
        else ' ' || {{ unit }}
    end
{%- endmacro %}

{#- What was found, as a sentence; `found` has verdict, rule, due_low, due_high and distance of one moment. -#}
{% macro finding_told(found, claim, exchanged_with) -%}
    case
        when {{ found }}.verdict is null
            then 'Cannot be checked: it has no date, so what was known before it cannot be told.'
        when {{ found }}.rule is null
            then 'Cannot be checked: nothing is known to weigh it by; a repeat confirms nothing.'
        else concat(
            upper(left({{ found }}.verdict, 1)), substr({{ found }}.verdict, 2), ': ',
            case {{ found }}.rule
                when 'official_figure' then 'SBP''s figures say '
                when 'official_falls' then 'SBP''s figures of the fiscal year, which cannot fall, leave '
                when 'labels_exchanged'
                    then 'the article exchanges the labels ' || {{ claim }}.series_code || ' and ' || {{ exchanged_with }}
                        || '; read so, it says '
                when 'article_levels' then 'the levels in the article give '
                when 'falls' then 'other prints of the fiscal year, which cannot fall, leave '
                when 'restated' then 'a print that takes its place says '
                when 'printed_twice' then 'the article also prints '
                when 'article_sum' then 'parts and total in the article give '
                when 'other_print' then 'another print says '
            end,
            case
                when {{ found }}.distance is null then 'no other number'
                else {{ bounds_told(found ~ '.due_low', found ~ '.due_high', claim ~ '.unit') }}
            end,
            case
                when {{ found }}.distance > 0
                    then ', ' || trim_scale({{ found }}.distance)::text || {{ unit_told(claim ~ '.unit') }} || ' away'
            end,
            '.'
        )
    end
{%- endmacro %}

{#-
    Query: each printed claim with both verdicts, their evidence and what they say in words. Relations as in
    claims_weighed, and the query that this is.
-#}
{% macro claims_told(claims, official, exchanged, weighed) -%}
with

implied as (

    {{ claims_implied(claims, official, exchanged, weighed) }}

),

per_head as (

    {{ claims_per_head(claims, weighed) }}

),

names as (

    select
        weighed.figure_id,
        weighed.moment,
        array_agg(claims.claim_id order by claims.claim_id collate "C" asc) as claim_ids
    from {{ weighed }} as weighed
    inner join {{ claims }} as claims on claims.figure_id = any(weighed.evidence_figure_ids)
    group by
        weighed.figure_id,
        weighed.moment

),

one_row as (

    select
        claims.*,
        exchanged.read_as as exchanged_with,
        names_then.claim_ids as evidence_then_claim_ids,
        names_now.claim_ids as evidence_now_claim_ids
    from {{ claims }} as claims
    left join {{ exchanged }} as exchanged on claims.figure_id = exchanged.figure_id
    left join names as names_then on claims.figure_id = names_then.figure_id and names_then.moment = 'then'
    left join names as names_now on claims.figure_id = names_now.figure_id and names_now.moment = 'now'
    where claims.is_weighed

)

select
    one_row.figure_id,
    one_row.exchanged_with,

    coalesce(found_then.verdict, 'cannot be checked') as verdict_then,
    found_then.rule as rule_then,
    found_then.due_low as due_then_low,
    found_then.due_high as due_then_high,
    found_then.distance as distance_then,
    one_row.evidence_then_claim_ids,
    found_then.evidence_figure_ids as evidence_then_figure_ids,
    {{ finding_told('found_then', 'one_row', 'one_row.exchanged_with') }} as sentence_then,

    found_now.verdict as verdict_now,
    found_now.rule as rule_now,
    found_now.due_low as due_now_low,
    found_now.due_high as due_now_high,
    found_now.distance as distance_now,
    one_row.evidence_now_claim_ids,
    found_now.evidence_figure_ids as evidence_now_figure_ids,
    concat(
        {{ finding_told('found_now', 'one_row', 'one_row.exchanged_with') }},
        ' ' || array_to_string(implied.periods, ' and ') || ' are implied as '
        || {{ bounds_told('implied.low', 'implied.high', 'one_row.unit') }} || ' by single months'
        || case
            when implied.ytd_low is null then '.'
            else
                ', ' || {{ bounds_told('implied.ytd_low', 'implied.ytd_high', 'one_row.unit') }}
                || ' with the longest cumulative print.'
        end,
        ' It makes ' || trim_scale(per_head.exports_per_head_usd)::text || ' US$ of exports a head'
        || case
            when per_head.exports_per_other_head_usd is null then '.'
            else ', the other number ' || trim_scale(per_head.exports_per_other_head_usd)::text || '.'
        end
    ) as sentence_now,

    implied.periods as implied_period_codes,
    implied.low as implied_low,
    implied.high as implied_high,
    implied.ytd_low as implied_ytd_low,
    implied.ytd_high as implied_ytd_high,
    implied.figure_ids as implied_figure_ids,

    per_head.exports_per_head_usd,
    per_head.exports_per_other_head_usd,
    case when per_head.figure_id is not null then array[per_head.exports_figure_id] end as exports_per_head_figure_ids

from one_row
left join {{ weighed }} as found_then on one_row.figure_id = found_then.figure_id and found_then.moment = 'then'
inner join {{ weighed }} as found_now on one_row.figure_id = found_now.figure_id and found_now.moment = 'now'
left join implied on one_row.figure_id = implied.figure_id
left join per_head on one_row.figure_id = per_head.figure_id
{%- endmacro %}
