package dev.layercache.server.image;

import java.util.List;
import java.util.Optional;

/**
 * Some items of an ordered list.
 *
 * @param items in order; may be fewer than asked for, even none, although more follow
 * @param next where the next page starts, to be passed as {@code last}; empty when nothing follows
 */
public record Page<T>(List<T> items, Optional<String> next) {
  public Page {
    items = List.copyOf(items);
  }
}
