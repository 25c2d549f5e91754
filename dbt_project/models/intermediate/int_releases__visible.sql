with

visible as (

    select * from {{ visible_releases() }} as releases

),

final as (

    select
        release_id,
        extraction_id,

        dataset,
        edition,
        origin,
        sha256,
        url,
        coverage,

        published_on,
        published_seq,

        figures,
        entries,
        rejected

    from visible

)

select * from final
