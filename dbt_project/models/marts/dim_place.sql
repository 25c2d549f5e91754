with

places as (

    select * from {{ ref('place') }}

),

place_spellings as (

    select * from {{ ref('place_spelling') }}

),

spellings as (

    select
        place_code,
        array_agg(spelling order by spelling collate "C") as spellings
    from place_spellings
    group by place_code

),

final as (

    select
        places.place_code,
        places.place_name,
        places.place_kind,
        places.city_code,
        cities.place_name as city_name,
        places.district_name,
        places.region_code,
        regions.place_name as region_name,
        regions.place_kind as region_kind,
        coalesce(spellings.spellings, '{}') as spellings
    from places
    left join places as cities on places.city_code = cities.place_code
    left join places as regions on places.region_code = regions.place_code
    left join spellings on places.place_code = spellings.place_code

)

select * from final
