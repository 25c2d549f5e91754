with

figures as (

    select * from {{ ref('stg_reported__figures') }}

),

counts as (

    select * from {{ ref('stg_reported__counts') }}

),

releases as (

    select * from {{ ref('int_releases__visible') }}

),

corrections as (

    select * from {{ ref('int_corrections__history') }}
    where {{ is_in_force() }}

),

printed as (

    select
        figure_id,
        release_id,
        true as is_weighed,
        claim_id,
        series_code,
        measure,
        unit,
        period_kind,
        period_start,
        period_end,
        base_period_start,
        base_period_end,
        value,
        resolution,
        qualifier,
        article || e'\t' || coalesce(cast(published_on as text), '') as article_key,
        published_on,
        restates,
        whole_code
    from figures

    union all

    -- national stocks are evidence about printed ones, and weighed by nobody
    select
        figure_id,
        release_id,
        false as is_weighed,
        count_id as claim_id,
        counted_what as series_code,
        count_kind as measure,
        unit,
        cast(null as text) as period_kind,
        period_start,
        period_end,
        cast(null as date) as base_period_start,
        cast(null as date) as base_period_end,
        value,
        {{ count_step('value') }} as resolution,
        qualifier,
        coalesce(source_url, count_id) || e'\t' || coalesce(cast(published_on as text), '') as article_key,
        published_on,
        cast(null as text) as restates,
        cast(null as text) as whole_code
    from counts
    where count_kind = 'stock' and region = 'Pakistan'

),

-- an article that was changed later has its claims in two releases: the newer one counts
standing as (

    select distinct on (printed.is_weighed, printed.claim_id)
        printed.*,
        case when corrections.corrected then corrections.value else printed.value end as value_in_force
    from printed
    inner join releases on printed.release_id = releases.release_id
    left join corrections on printed.figure_id = corrections.figure_id
    where corrections.is_dropped is not true
    order by
        printed.is_weighed asc,
        printed.claim_id asc,
        releases.published_on desc,
        releases.published_seq desc,
        printed.figure_id desc

),

-- a number without a period is of the newest period that its article prints exports of
articles as (

    select distinct on (article_key)
        article_key,
        period_start,
        period_end
    from standing
    where is_weighed and measure = 'credit' and value_in_force is not null
    order by article_key asc, period_end desc, period_end - period_start desc

),

final as (

    select
        standing.figure_id,
        standing.release_id,
        standing.is_weighed,
        standing.claim_id,
        standing.series_code,
        standing.measure,
        standing.unit,
        standing.period_kind,
        coalesce(standing.period_start, articles.period_start) as span_start,
        coalesce(standing.period_end, articles.period_end) as span_end,
        standing.base_period_start as base_start,
        standing.base_period_end as base_end,
        standing.value_in_force as value,
        {{ printed_low('standing.value_in_force', 'standing.resolution', 'standing.qualifier') }} as value_low,
        {{ printed_high('standing.value_in_force', 'standing.resolution', 'standing.qualifier') }} as value_high,
        standing.article_key,
        coalesce(standing.published_on, date 'infinity') as known_on,
        standing.restates,
        standing.whole_code
    from standing
    left join articles on standing.is_weighed and standing.article_key = articles.article_key
    where standing.value_in_force is not null

)

select * from final
