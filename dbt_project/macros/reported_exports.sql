{#-
    Query: the prints of a relation `prints` (columns as in fct_reported_exports_print, of one moment) that stand beside
    what the official releases say by then (`official`, as in int_sector_exports__official). None is a print

    - whose article exchanges its label with another line's,
    - that a later one declares to take the place of,
    - that official figures of the same span miss,
    - without these, one with which exports of the fiscal year would fall, beside official figures or an earlier print
      that these do not speak against and that nothing has taken the place of.

    What mart_claims_weighed finds inconsistent now is none of them. `disputed`: another print that stands says another
    number of the same. `place_on` is the day of the first print whose place it takes, its own where it takes none's.
-#}
{% macro reported_exports_that_stand(prints, official) -%}
with recursive

-- an article that was changed later has its claims in two releases: the newer one counts
newest as (

    select distinct on (claim_id)
        *,
        'credit' as measure,
        period_start as span_start,
        period_end as span_end,
        low_usd_million as value_low,
        high_usd_million as value_high,
        coalesce(printed_on, date 'infinity') as known_on
    from {{ prints }}
    order by
        claim_id asc,
        published_on desc,
        published_seq desc

),

figures as (

    select
        sector_code,
        period_start as span_start,
        period_end as span_end,
        cast(round(exports_usd_thousand / 1000, 6) as numeric(20, 6)) as value_low,
        cast(round(exports_usd_thousand / 1000, 6) as numeric(20, 6)) as value_high
    from {{ official }}
    where exports_usd_thousand is not null

),

-- NULL is_missed: no official figure of the same span
checked as (

    select
        newest.claim_id,
        bool_or({{ apart('newest.value_low', 'newest.value_high', 'figures.value_low', 'figures.value_high') }} > 0)
            filter (where newest.span_end = figures.span_end) as is_missed,
        bool_or(
            {{ is_cumulative('newest') }}
            and figures.span_end <= figures.span_start + interval '1 year'
            and {{ is_fall('newest', 'figures') }}
        ) as falls
    from newest
    inner join figures
        on
            newest.sector_code = figures.sector_code
            and newest.span_start = figures.span_start
    group by newest.claim_id

),

replaced as (

    select
        newest.claim_id,
        bool_or({{ apart('newest.value_low', 'newest.value_high', 'later.value_low', 'later.value_high') }} > 0)
            as by_another_number
    from newest
    inner join newest as later
        on
            newest.claim_id = later.restates
            and newest.sector_code = later.sector_code
    group by newest.claim_id

),

weighed as materialized (

    select
        newest.*,
        {{ is_cumulative('newest') }} as is_cumulative,
        checked.is_missed,
        coalesce(checked.falls, false) as falls,
        replaced.claim_id is not null as is_replaced,
        not (
            coalesce(checked.is_missed, false)
            or coalesce(checked.falls, false)
            or coalesce(replaced.by_another_number, false)
        ) as is_evidence
    from newest
    left join checked on newest.claim_id = checked.claim_id
    left join replaced on newest.claim_id = replaced.claim_id

),

fallen as (

    select prints.claim_id
    from weighed as prints
    inner join weighed as earlier
        on
            prints.sector_code = earlier.sector_code
            and prints.span_start = earlier.span_start
    where
        prints.is_cumulative
        and earlier.is_cumulative
        and prints.known_on > earlier.known_on
        and earlier.is_evidence
        and {{ is_fall('prints', 'earlier') }}

),

-- each print with those whose place it takes, and whose place these took
lineages as (

    select
        claim_id,
        restates,
        known_on
    from newest

    union distinct

    select
        lineages.claim_id,
        newest.restates,
        newest.known_on
    from lineages
    inner join newest on lineages.restates = newest.claim_id

),

places as (

    select
        claim_id,
        min(known_on) as place_on
    from lineages
    group by claim_id

),

standing as (

    select
        weighed.*,
        places.place_on
    from weighed
    inner join places on weighed.claim_id = places.claim_id
    where
        not weighed.is_exchanged
        and not weighed.is_replaced
        and not coalesce(
            weighed.is_missed, weighed.falls or weighed.claim_id in (select fallen.claim_id from fallen)
        )

)

select
    sector_code,
    claim_id,

    period_code,
    period_kind,
    period_start,
    period_end,

    value_usd_thousand,
    resolution_usd_thousand,
    max(value_low) over of_span > value_high or min(value_high) over of_span < value_low as disputed,
    corrected,

    printed_on,
    place_on,
    published_on,
    published_seq,
    origin,
    basis,
    dataset,
    edition,
    release_id,
    value_figure_ids

from standing
window of_span as (partition by sector_code, span_start, span_end)
{%- endmacro %}
