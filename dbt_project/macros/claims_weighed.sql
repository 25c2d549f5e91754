{#-
    Query: what weighs on each printed claim at two moments, `then`, by the day it was printed, and `now`: one row a
    claim and moment, NULLs where nothing does; a claim without a date has no `then`. Relations as the models of these
    names: `claims` int_claims__interval, `official` int_claims__official, `exchanged` int_claims__exchange.

    The first rule that finds something decides:

    1   official_figure   what SBP's releases say of the same: trade in services, the balance of payments, a difference
    2   official_falls    SBP's figures of other spans of the fiscal year: cumulative exports cannot fall
    3   labels_exchanged  its article exchanges the labels of two lines
    4   article_levels    of a growth or a share: the levels that its article prints
    5   falls             an earlier print of another span of the fiscal year: cumulative exports cannot fall
    6   restated          a print that declares that it takes this one's place, and says another number
    7   printed_twice     its article prints the same with another number
    8   article_sum       parts and total in its article do not add up
    9   falls             as 5, by a print that is not earlier
    10  other_print       another article prints another number of the same
    11  article_sum       parts and total in its article add up

    1 to 6 make a claim inconsistent, 7 to 10 disputed; 1, 4 and 11 can make it consistent. A print is evidence about
    another when it was known by the moment, and neither replaced by then nor found impossible by 1, 2 or 4.
-#}
{% macro claims_weighed(claims, official, exchanged) -%}
with

parts as (

    select * from {{ ref('sector_part') }}

),

readings as materialized (

    select
        claims.*,
        coalesce(exchanged.read_as, claims.series_code) as read_as,
        exchanged.read_as is not null as is_exchanged,
        exchanged.reference_figure_ids,
        {{ is_cumulative('claims') }} as is_cumulative
    from {{ claims }} as claims
    left join {{ exchanged }} as exchanged on claims.figure_id = exchanged.figure_id

),

asked as materialized (

    select
        readings.*,
        moments.moment,
        case moments.moment when 'then' then readings.known_on else 'infinity' end as known_until
    from readings
    cross join (values ('then'), ('now')) as moments (moment)
    where readings.is_weighed and (moments.moment = 'now' or readings.known_on < 'infinity')

),

figures as (

    select * from {{ official }}

),

-- what one article prints of one thing, also where it prints it twice
hulls as materialized (

    select
        article_key,
        series_code,
        span_start,
        span_end,
        min(value_low) as value_low,
        max(value_high) as value_high,
        array_agg(figure_id) as figure_ids
    from readings
    where measure = 'credit' and unit = 'usd_million'
    group by
        article_key,
        series_code,
        span_start,
        span_end

),

official_levels as (

    select
        asked.figure_id,
        asked.moment,
        figures.value_low as due_low,
        figures.value_high as due_high,
        figures.figure_ids as evidence
    from asked
    inner join figures
        on
            asked.series_code = figures.sector_code
            and asked.span_start = figures.span_start
            and asked.span_end = figures.span_end
            and {{ is_known('asked', 'figures') }}
    where asked.measure = 'credit' and asked.unit = 'usd_million'

),

official_growth as (

    select
        asked.figure_id,
        asked.moment,
        {{ pct_change('figures.value_low', 'base.value_high') }} as due_low,
        {{ pct_change('figures.value_high', 'base.value_low') }} as due_high,
        figures.figure_ids || base.figure_ids as evidence
    from asked
    inner join figures
        on
            asked.series_code = figures.sector_code
            and asked.span_start = figures.span_start
            and asked.span_end = figures.span_end
            and {{ is_known('asked', 'figures') }}
    inner join figures as base
        on
            figures.known_from = base.known_from
            and figures.sector_code = base.sector_code
            and asked.base_start = base.span_start
            and asked.base_end = base.span_end
    where asked.measure = 'credit_growth' and base.value_low > 0

),

official_falls as (

    select
        asked.figure_id,
        asked.moment,
        max(figures.value_low) filter (where figures.span_end < asked.span_end) as due_low,
        min(figures.value_high) filter (where figures.span_end > asked.span_end) as due_high,
        array_agg(cited.figure_id) as evidence
    from asked
    inner join figures
        on
            asked.series_code = figures.sector_code
            and asked.span_start = figures.span_start
            and figures.span_end <= figures.span_start + interval '1 year'
            and {{ is_known('asked', 'figures') }}
    cross join unnest(figures.figure_ids) as cited (figure_id)
    where
        asked.is_cumulative
        and asked.unit = 'usd_million'
        and (
            figures.span_end < asked.span_end and figures.value_low > asked.value_high
            or figures.span_end > asked.span_end and figures.value_high < asked.value_low
        )
    group by
        asked.figure_id,
        asked.moment

),

article_levels as (

    select
        asked.figure_id,
        asked.moment,
        {{ pct_change('level.value_low', 'base.value_high') }} as due_low,
        {{ pct_change('level.value_high', 'base.value_low') }} as due_high,
        level.figure_ids || base.figure_ids as evidence
    from asked
    inner join hulls as level
        on
            asked.article_key = level.article_key
            and asked.series_code = level.series_code
            and asked.span_start = level.span_start
            and asked.span_end = level.span_end
    inner join hulls as base
        on
            asked.article_key = base.article_key
            and asked.series_code = base.series_code
            and asked.base_start = base.span_start
            and asked.base_end = base.span_end
    where asked.measure = 'credit_growth' and base.value_low > 0

    union all

    select
        asked.figure_id,
        asked.moment,
        {{ pct_of('part.value_low', 'whole.value_high') }} as due_low,
        {{ pct_of('part.value_high', 'whole.value_low') }} as due_high,
        part.figure_ids || whole.figure_ids as evidence
    from asked
    inner join hulls as part
        on
            asked.article_key = part.article_key
            and asked.series_code = part.series_code
            and asked.span_start = part.span_start
            and asked.span_end = part.span_end
    inner join hulls as whole
        on
            asked.article_key = whole.article_key
            and asked.whole_code = whole.series_code
            and asked.span_start = whole.span_start
            and asked.span_end = whole.span_end
    where asked.measure = 'share' and part.value_low >= 0 and whole.value_low > 0

),

decisive as (

    select
        figure_id,
        moment,
        1 as place,
        'official_figure' as rule,
        due_low,
        due_high,
        evidence
    from official_levels

    union all

    select
        figure_id,
        moment,
        1 as place,
        'official_figure' as rule,
        due_low,
        due_high,
        evidence
    from official_growth

    union all

    select
        figure_id,
        moment,
        2 as place,
        'official_falls' as rule,
        due_low,
        due_high,
        evidence
    from official_falls

    union all

    select
        figure_id,
        moment,
        4 as place,
        'article_levels' as rule,
        due_low,
        due_high,
        evidence
    from article_levels

),

judged as materialized (

    select
        decisive.*,
        case
            when {{ apart('asked.value_low', 'asked.value_high', 'decisive.due_low', 'decisive.due_high') }} = 0
                then 'consistent'
            else 'inconsistent'
        end as verdict
    from decisive
    inner join asked on decisive.figure_id = asked.figure_id and decisive.moment = asked.moment

),

replacements as (

    select
        replaced.figure_id,
        by.figure_id as by_figure_id,
        by.known_on,
        by.value_low,
        by.value_high
    from readings as replaced
    inner join readings as by on replaced.claim_id = by.restates
    where {{ apart('replaced.value_low', 'replaced.value_high', 'by.value_low', 'by.value_high') }} > 0

),

discredited as (

    select
        figure_id,
        bool_or(moment = 'then') as is_discredited_then,
        bool_or(moment = 'now') as is_discredited_now
    from judged
    where verdict = 'inconsistent'
    group by figure_id

),

replaced as (

    select
        figure_id,
        min(known_on) as replaced_on
    from replacements
    group by figure_id

),

witnesses as materialized (

    select
        readings.*,
        replaced.replaced_on,
        coalesce(discredited.is_discredited_then, false) as is_discredited_then,
        coalesce(discredited.is_discredited_now, false) as is_discredited_now
    from readings
    left join replaced on readings.figure_id = replaced.figure_id
    left join discredited on readings.figure_id = discredited.figure_id

),

fallen as materialized (

    select
        asked.figure_id,
        asked.moment,
        asked.is_exchanged,
        witnesses.known_on < asked.known_on as is_by_earlier,
        case when witnesses.span_end < asked.span_end then witnesses.value_low end as due_low,
        case when witnesses.span_end > asked.span_end then witnesses.value_high end as due_high,
        witnesses.figure_id as evidence_id
    from asked
    inner join witnesses
        on
            asked.series_code = witnesses.read_as
            and asked.unit = witnesses.unit
            and asked.span_start = witnesses.span_start
            and asked.figure_id != witnesses.figure_id
            and {{ is_evidence('witnesses', 'asked') }}
    where
        asked.is_cumulative
        and witnesses.is_cumulative
        and {{ is_fall('asked', 'witnesses') }}

),

fallen_of_exchanged as (

    select
        figure_id,
        moment,
        max(due_low) as due_low,
        min(due_high) as due_high,
        array_agg(evidence_id) as evidence
    from fallen
    where is_exchanged
    group by
        figure_id,
        moment

),

labels_exchanged as (

    select
        asked.figure_id,
        asked.moment,
        case when hulls.figure_ids is null then fallen_of_exchanged.due_low else hulls.value_low end as due_low,
        case when hulls.figure_ids is null then fallen_of_exchanged.due_high else hulls.value_high end as due_high,
        asked.reference_figure_ids || coalesce(hulls.figure_ids, '{}')
        || coalesce(fallen_of_exchanged.evidence, '{}') as evidence
    from asked
    left join hulls
        on
            asked.article_key = hulls.article_key
            and asked.read_as = hulls.series_code
            and asked.span_start = hulls.span_start
            and asked.span_end = hulls.span_end
    left join fallen_of_exchanged
        on
            asked.figure_id = fallen_of_exchanged.figure_id
            and asked.moment = fallen_of_exchanged.moment
    where asked.is_exchanged

),

falls as (

    select
        figure_id,
        moment,
        is_by_earlier,
        max(due_low) as due_low,
        min(due_high) as due_high,
        array_agg(evidence_id) as evidence
    from fallen
    where not is_exchanged
    group by
        figure_id,
        moment,
        is_by_earlier

),

-- prints of the same that say another number: by which rule each weighs
others as (

    select
        asked.figure_id,
        asked.moment,
        6 as place,
        'restated' as rule,
        'inconsistent' as verdict,
        replacements.by_figure_id as evidence_id,
        replacements.value_low,
        replacements.value_high,
        {{ apart('asked.value_low', 'asked.value_high', 'replacements.value_low', 'replacements.value_high') }} as gap
    from asked
    inner join replacements
        on asked.figure_id = replacements.figure_id and asked.known_until >= replacements.known_on

    union all

    select
        asked.figure_id,
        asked.moment,
        7 as place,
        'printed_twice' as rule,
        'disputed' as verdict,
        other.figure_id as evidence_id,
        other.value_low,
        other.value_high,
        {{ apart('asked.value_low', 'asked.value_high', 'other.value_low', 'other.value_high') }} as gap
    from asked
    inner join readings as other
        on
            asked.article_key = other.article_key
            and asked.series_code = other.series_code
            and asked.measure = other.measure
            and asked.unit = other.unit
            and asked.span_start is not distinct from other.span_start
            and asked.span_end is not distinct from other.span_end
            and asked.base_start is not distinct from other.base_start
            and asked.base_end is not distinct from other.base_end
            and asked.whole_code is not distinct from other.whole_code
            and asked.figure_id != other.figure_id

    union all

    select
        asked.figure_id,
        asked.moment,
        10 as place,
        'other_print' as rule,
        'disputed' as verdict,
        witnesses.figure_id as evidence_id,
        witnesses.value_low,
        witnesses.value_high,
        {{ apart('asked.value_low', 'asked.value_high', 'witnesses.value_low', 'witnesses.value_high') }} as gap
    from asked
    inner join witnesses
        on
            asked.series_code = witnesses.read_as
            and asked.measure = witnesses.measure
            and asked.unit = witnesses.unit
            and asked.whole_code is not distinct from witnesses.whole_code
            and asked.article_key != witnesses.article_key
            and {{ is_evidence('witnesses', 'asked') }}
    where
        asked.span_start is not distinct from witnesses.span_start
        and asked.span_end is not distinct from witnesses.span_end
        and asked.base_start is not distinct from witnesses.base_start
        and asked.base_end is not distinct from witnesses.base_end
        -- numbers of somebody are compared where what they speak of overlaps
        or asked.measure in ('stock', 'share')
        and asked.span_start < witnesses.span_end
        and asked.span_end > witnesses.span_start

),

other_prints as (

    select
        figure_id,
        moment,
        place,
        rule,
        verdict,
        (array_agg(value_low order by gap asc, evidence_id asc))[1] as due_low,
        (array_agg(value_high order by gap asc, evidence_id asc))[1] as due_high,
        array_agg(evidence_id) as evidence
    from others
    where gap > 0
    group by
        figure_id,
        moment,
        place,
        rule,
        verdict

),

-- a total and its parts in one article, where every part that is always printed is there
sum_members as (

    select
        parts.total_sector_code,
        true as is_part,
        parts.is_always_printed,
        hulls.*
    from hulls
    inner join parts on hulls.series_code = parts.sector_code

    union all

    select
        hulls.series_code as total_sector_code,
        false as is_part,
        false as is_always_printed,
        hulls.*
    from hulls
    where hulls.series_code in (select parts.total_sector_code from parts)

),

sums as (

    select
        article_key,
        total_sector_code,
        span_start,
        span_end,
        sum(value_low) filter (where is_part) as parts_low,
        sum(value_high) filter (where is_part) as parts_high,
        max(value_low) filter (where not is_part) as total_low,
        max(value_high) filter (where not is_part) as total_high,
        count(*) filter (where is_part) = (
            select count(*) from parts
            where sum_members.total_sector_code = parts.total_sector_code
        ) as is_whole
    from sum_members
    group by
        article_key,
        total_sector_code,
        span_start,
        span_end
    having
        count(*) filter (where not is_part) = 1
        and count(*) filter (where is_always_printed) = (
            select count(*) from parts
            where sum_members.total_sector_code = parts.total_sector_code and parts.is_always_printed
        )

),

sums_judged as (

    select
        *,
        parts_low > total_high or is_whole and parts_high < total_low as is_off
    from sums
    -- otherwise the part that is not printed may be the rest
    where is_whole or parts_high >= total_low

),

article_sums as (

    select distinct on (asked.figure_id, asked.moment, sums_judged.is_off)
        asked.figure_id,
        asked.moment,
        sums_judged.is_off,
        case
            when members.is_part then sums_judged.total_low - (sums_judged.parts_high - members.value_high)
            else sums_judged.parts_low
        end as due_low,
        case
            when members.is_part then sums_judged.total_high - (sums_judged.parts_low - members.value_low)
            else sums_judged.parts_high
        end as due_high,
        array(
            select cited.figure_id
            from sum_members as cited_members
            cross join unnest(cited_members.figure_ids) as cited (figure_id)
            where
                sums_judged.article_key = cited_members.article_key
                and sums_judged.total_sector_code = cited_members.total_sector_code
                and sums_judged.span_start = cited_members.span_start
                and sums_judged.span_end = cited_members.span_end
                and asked.figure_id != cited.figure_id
        ) as evidence
    from asked
    inner join sum_members as members
        on
            asked.article_key = members.article_key
            and asked.series_code = members.series_code
            and asked.span_start = members.span_start
            and asked.span_end = members.span_end
    inner join sums_judged
        on
            members.article_key = sums_judged.article_key
            and members.total_sector_code = sums_judged.total_sector_code
            and members.span_start = sums_judged.span_start
            and members.span_end = sums_judged.span_end
    where asked.measure = 'credit' and asked.unit = 'usd_million'
    order by
        asked.figure_id asc,
        asked.moment asc,
        sums_judged.is_off asc,
        members.is_part desc

),

findings as (

    select
        figure_id,
        moment,
        place,
        rule,
        verdict,
        due_low,
        due_high,
        evidence
    from judged

    union all

    select
        figure_id,
        moment,
        3 as place,
        'labels_exchanged' as rule,
        'inconsistent' as verdict,
        due_low,
        due_high,
        evidence
    from labels_exchanged

    union all

    select
        figure_id,
        moment,
        case when is_by_earlier then 5 else 9 end as place,
        'falls' as rule,
        case when is_by_earlier then 'inconsistent' else 'disputed' end as verdict,
        due_low,
        due_high,
        evidence
    from falls

    union all

    select
        figure_id,
        moment,
        place,
        rule,
        verdict,
        due_low,
        due_high,
        evidence
    from other_prints

    union all

    select
        figure_id,
        moment,
        case when is_off then 8 else 11 end as place,
        'article_sum' as rule,
        case when is_off then 'disputed' else 'consistent' end as verdict,
        due_low,
        due_high,
        evidence
    from article_sums

),

strongest as (

    select distinct on (figure_id, moment) *
    from findings
    order by
        figure_id asc,
        moment asc,
        place asc

)

select
    asked.figure_id,
    asked.moment,
    coalesce(strongest.verdict, 'cannot be checked') as verdict,
    strongest.rule,
    cast(strongest.due_low as numeric(20, 6)) as due_low,
    cast(strongest.due_high as numeric(20, 6)) as due_high,
    cast(
        case
            when num_nonnulls(strongest.due_low, strongest.due_high) > 0
                then {{ apart('asked.value_low', 'asked.value_high', 'strongest.due_low', 'strongest.due_high') }}
        end as numeric(20, 6)
    ) as distance,
    nullif(
        array(select distinct listed.id from unnest(strongest.evidence) as listed (id) order by listed.id asc), '{}'
    ) as evidence_figure_ids
from asked
left join strongest on asked.figure_id = strongest.figure_id and asked.moment = strongest.moment
{%- endmacro %}

{#- Whether an official figure stood at the moment that is asked for. -#}
{% macro is_known(asked, figures) -%}
    {{ asked }}.known_until >= {{ figures }}.known_from
    and ({{ figures }}.known_before is null or {{ asked }}.known_until < {{ figures }}.known_before)
{%- endmacro %}

{#- Whether a print was evidence at the moment that is asked for. -#}
{% macro is_evidence(witness, asked) -%}
    {{ witness }}.known_on <= {{ asked }}.known_until
    and ({{ witness }}.replaced_on is null or {{ witness }}.replaced_on > {{ asked }}.known_until)
    and not case {{ asked }}.moment when 'then' then {{ witness }}.is_discredited_then else {{ witness }}.is_discredited_now end
{%- endmacro %}
