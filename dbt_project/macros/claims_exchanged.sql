{#-
    Query: claims of articles that exchange the labels of two parts of one total, with the sector that each is read as,
    and the figures of these two in the article that it was compared with.

    Cumulative exports of a fiscal year cannot fall. Where, between two articles, they do as they are labelled and do
    not once two labels of the later article are exchanged, the two articles label these lines differently; where it is
    the other way round, alike. An article is read by the earliest one it can so be compared with, which is itself so
    read: labels are exchanged where an odd number of steps leads back to an article that nothing is known against.
-#}
{% macro claims_exchanged(claims) -%}
with recursive

parts as (

    select * from {{ ref('sector_part') }}

),

levels as materialized (

    select
        claims.figure_id,
        claims.article_key collate "C" as article_key,
        claims.known_on,
        parts.total_sector_code,
        claims.series_code,
        claims.span_start,
        claims.span_end,
        claims.value_low,
        claims.value_high
    from {{ claims }} as claims
    inner join parts on claims.series_code = parts.sector_code
    where {{ is_cumulative('claims') }} and claims.unit = 'usd_million' and claims.known_on < 'infinity'

),

articles as (

    select distinct
        article_key,
        known_on,
        total_sector_code,
        series_code
    from levels

),

-- whether anything falls between a series of an article and one of an earlier article
compared as (

    select
        levels.article_key,
        earlier.article_key as reference_key,
        earlier.known_on as reference_known_on,
        levels.total_sector_code,
        levels.series_code,
        earlier.series_code as reference_series_code,
        bool_or({{ is_fall('levels', 'earlier') }}) as falls
    from levels
    inner join levels as earlier
        on
            levels.total_sector_code = earlier.total_sector_code
            and levels.span_start = earlier.span_start
            and (levels.known_on, levels.article_key) > (earlier.known_on, earlier.article_key)
    group by
        levels.article_key,
        earlier.article_key,
        earlier.known_on,
        levels.total_sector_code,
        levels.series_code,
        earlier.series_code

),

pairs as (

    select
        one.total_sector_code,
        one.sector_code as one_code,
        other.sector_code as other_code
    from parts as one
    inner join parts as other
        on one.total_sector_code = other.total_sector_code and one.sector_code < other.sector_code

),

-- how many of the two labels an article prints
printed_pairs as materialized (

    select
        articles.article_key,
        pairs.one_code,
        pairs.other_code,
        count(*) as labels
    from articles
    inner join pairs
        on
            articles.total_sector_code = pairs.total_sector_code
            and articles.series_code in (pairs.one_code, pairs.other_code)
    group by
        articles.article_key,
        pairs.one_code,
        pairs.other_code

),

judged as (

    select
        compared.article_key,
        compared.reference_key,
        compared.reference_known_on,
        pairs.one_code,
        pairs.other_code,
        coalesce(
            bool_or(compared.falls) filter (where compared.series_code = compared.reference_series_code), false
        ) as falls_as_labelled,
        coalesce(bool_or(compared.falls) filter (
            where compared.reference_series_code = case compared.series_code
                when pairs.one_code then pairs.other_code
                when pairs.other_code then pairs.one_code
                else compared.series_code
            end
        ), false) as falls_exchanged
    from compared
    inner join pairs on compared.total_sector_code = pairs.total_sector_code
    inner join printed_pairs as mine
        on
            compared.article_key = mine.article_key
            and pairs.one_code = mine.one_code
            and pairs.other_code = mine.other_code
    inner join printed_pairs as theirs
        on
            compared.reference_key = theirs.article_key
            and pairs.one_code = theirs.one_code
            and pairs.other_code = theirs.other_code
            and theirs.labels = 2
    group by
        compared.article_key,
        compared.reference_key,
        compared.reference_known_on,
        pairs.one_code,
        pairs.other_code

),

steps as materialized (

    select distinct on (article_key, one_code, other_code)
        article_key,
        reference_key,
        one_code,
        other_code,
        falls_as_labelled as differs
    from judged
    where falls_as_labelled != falls_exchanged
    order by
        article_key asc,
        one_code asc,
        other_code asc,
        reference_known_on asc,
        reference_key asc

),

traced as (

    select
        article_key,
        one_code,
        other_code,
        reference_key,
        differs as is_exchanged,
        1 as depth
    from steps

    union all

    select
        traced.article_key,
        traced.one_code,
        traced.other_code,
        steps.reference_key,
        traced.is_exchanged != steps.differs as is_exchanged,
        traced.depth + 1 as depth
    from traced
    inner join steps
        on
            traced.reference_key = steps.article_key
            and traced.one_code = steps.one_code
            and traced.other_code = steps.other_code

),

ends as (

    select distinct on (article_key, one_code, other_code)
        article_key,
        one_code,
        other_code,
        is_exchanged
    from traced
    order by
        article_key asc,
        one_code asc,
        other_code asc,
        depth desc

),

-- two labels that an article both prints go before one that it exchanges with a line it does not print; of two
-- explanations that are as good, none is taken
named as (

    select
        ends.article_key,
        ends.one_code,
        ends.other_code,
        labels.series_code,
        labels.read_as,
        printed_pairs.labels,
        rank() over (partition by ends.article_key, labels.series_code order by printed_pairs.labels desc) as place,
        count(*) over (partition by ends.article_key, labels.series_code, printed_pairs.labels) as explanations
    from ends
    inner join printed_pairs
        on
            ends.article_key = printed_pairs.article_key
            and ends.one_code = printed_pairs.one_code
            and ends.other_code = printed_pairs.other_code
    cross join
        lateral (values (ends.one_code, ends.other_code), (ends.other_code, ends.one_code))
            as labels (series_code, read_as)
    where ends.is_exchanged

)

select
    claims.figure_id,
    named.read_as,
    array(
        select levels.figure_id
        from levels
        where steps.reference_key = levels.article_key and levels.series_code in (named.one_code, named.other_code)
    ) as reference_figure_ids
from {{ claims }} as claims
inner join named
    on
        claims.article_key = named.article_key
        and claims.series_code = named.series_code
inner join steps
    on
        named.article_key = steps.article_key
        and named.one_code = steps.one_code
        and named.other_code = steps.other_code
where
    named.place = 1
    and named.explanations = 1
    and claims.measure = 'credit'
{%- endmacro %}

{#- Whether a claim counts from July on, inside a fiscal year. -#}
{% macro is_cumulative(claims) -%}
    (
        {{ claims }}.measure = 'credit'
        and {{ claims }}.period_kind != 'calendar_year'
        and extract(month from {{ claims }}.span_start) = 7
    )
{%- endmacro %}

{#- Whether of two cumulative claims of one fiscal year the longer is less than the shorter. -#}
{% macro is_fall(one, other) -%}
    (
        {{ one }}.span_end < {{ other }}.span_end and {{ one }}.value_low > {{ other }}.value_high
        or {{ one }}.span_end > {{ other }}.span_end and {{ one }}.value_high < {{ other }}.value_low
    )
{%- endmacro %}
