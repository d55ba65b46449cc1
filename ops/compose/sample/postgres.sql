-- The sample shop on Postgres: 5,000 customers, 20,000 orders of two lines each, a payment for every order.
create role backup login password :'backup_password' in role pg_read_all_data;
create database shop;
\connect shop

create table customer (
  id integer generated always as identity primary key,
  name text not null,
  email text not null unique,
  created_at timestamptz not null
);
create table product (
  id integer generated always as identity primary key,
  name text not null,
  price numeric(10, 2) not null check (price > 0)
);
create table orders (
  id integer generated always as identity primary key,
  customer_id integer not null references customer,
  placed_at timestamptz not null
);
create table order_line (
  order_id integer not null references orders,
  line integer not null,
  product_id integer not null references product,
  quantity integer not null,
  primary key (order_id, line)
);
create table payment (
  id integer generated always as identity primary key,
  order_id integer not null unique references orders,
  amount numeric(10, 2) not null,
  paid_at timestamptz not null
);

insert into customer (name, email, created_at)
select 'Customer ' || n, 'customer' || n || '@shop.example', now() - n * interval '1 hour' from generate_series(1, 5000) n;
insert into product (name, price) select 'Product ' || n, 1 + n % 97 from generate_series(1, 200) n;
insert into orders (customer_id, placed_at)
select 1 + n % 5000, now() - (20001 - n) * interval '3 minutes' from generate_series(1, 20000) n;
insert into order_line select o.id, l, 1 + (o.id * 7 + l) % 200, 1 + o.id % 3 from orders o, generate_series(1, 2) l;
insert into payment (order_id, amount, paid_at)
select o.id, sum(l.quantity * p.price), o.placed_at + interval '1 minute'
from orders o join order_line l on l.order_id = o.id join product p on p.id = l.product_id group by o.id order by o.id;
create index orders_placed_at on orders (placed_at);

create procedure place_order() language sql as $$
  with placed as (
    insert into orders (customer_id, placed_at) values (1 + floor(random() * 5000)::int, now()) returning id
  ), first_line as (
    insert into order_line select id, 1, 1 + id % 200, 1 from placed returning order_id, product_id
  )
  insert into payment (order_id, amount, paid_at)
  select l.order_id, p.price, now() from first_line l join product p on p.id = l.product_id
$$;
analyze;
