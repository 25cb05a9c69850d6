/**
 * Images of repositories that are copies of somewhere else: found there when they are asked for,
 * kept, revalidated by their tags, and served while the other place is away. {@link
 * dev.layercache.server.mirror.Mirror} is the door to it; {@link
 * dev.layercache.server.mirror.Origins} says which repositories those are.
 */
package dev.layercache.server.mirror;
