import { render } from 'svelte/server';
import Cart from './shop/Cart.svelte';

console.log(render(Cart).body);
