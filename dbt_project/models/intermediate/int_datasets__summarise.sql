with

releases as (

    select * from {{ ref('int_releases__visible') }}

),

final as (

    select
        dataset,
        (array_agg(coalesce(edition, '#' || left(sha256, 8)) order by published_on desc, published_seq desc))[1]
            as newest_edition,
        max(published_on) as newest_published_on,
        cast(count(*) as integer) as releases,
        cast(sum(figures) as bigint) as figures,
        cast(sum(entries) as bigint) as entries

    from releases

    group by dataset

)

select * from final
