import { mysqlRecipes, wholeMysqlRecipes } from './mysql-recipes.ts';
import { newPostgresRecipes, postgresRecipes, wholePostgresRecipes } from './postgres-recipes.ts';
import type { Recipe } from './recipe.ts';
import { toolRecipes } from './tool-recipes.ts';

/** The recipes that damage is tried on. */
export function corpusRecipes(): readonly Recipe[] {
  return [
    ...postgresRecipes(),
    ...newPostgresRecipes('17'),
    ...newPostgresRecipes('18'),
    ...mysqlRecipes(),
    ...toolRecipes(),
  ];
}

/** The recipes that must pass unchanged. */
export function wholeRecipes(): readonly Recipe[] {
  return [
    ...wholePostgresRecipes(),
    ...newPostgresRecipes('17'),
    ...newPostgresRecipes('18'),
    ...wholeMysqlRecipes(),
    ...toolRecipes(),
  ];
}

/** Local servers start faster; this host has Postgres 15 and MariaDB 10.11. */
export function runtimeOf({ product, version }: Recipe): 'docker' | 'local' {
  return `${product} ${version}` === 'postgres 15' || `${product} ${version}` === 'mariadb 10.11' ? 'local' : 'docker';
}
