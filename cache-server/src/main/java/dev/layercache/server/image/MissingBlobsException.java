package dev.layercache.server.image;

import dev.layercache.oci.Descriptor;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;

/** A manifest names content that must be pushed first. Nothing of the manifest was kept. */
public final class MissingBlobsException extends IOException {
  private static final long serialVersionUID = 1;

  /** Most descriptors that one exception carries. */
  public static final int MAX_CARRIED = 1_000;

  private static final int MAX_NAMED = 3;

  private final transient List<Descriptor> missing;
  private final int total;

  /**
   * @param missing all of them, at least one
   */
  public MissingBlobsException(List<Descriptor> missing) {
    super(message(missing));
    this.missing = List.copyOf(missing.subList(0, Math.min(missing.size(), MAX_CARRIED)));
    this.total = missing.size();
  }

  /** What is missing, in the manifest's order; the first {@link #MAX_CARRIED}. */
  public List<Descriptor> missing() {
    return missing;
  }

  /** How many are missing in all. */
  public int total() {
    return total;
  }

  private static String message(List<Descriptor> missing) {
    String named =
        missing.stream()
            .limit(MAX_NAMED)
            .map(blob -> blob.digest() + " (" + blob.size() + " bytes)")
            .collect(Collectors.joining(", "));
    int more = missing.size() - MAX_NAMED;
    return "manifest names %d that must be pushed to the repository first: %s%s"
        .formatted(missing.size(), named, more > 0 ? " and %d more".formatted(more) : "");
  }
}
