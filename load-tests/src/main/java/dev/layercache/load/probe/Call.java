package dev.layercache.load.probe;

/** What a {@link Probe} asks. */
public enum Call {
  CAPABILITIES("GetCapabilities"),
  FIND_MISSING("FindMissing of 1"),
  STAT("HTTP HEAD of a blob");

  private final String title;

  Call(String title) {
    this.title = title;
  }

  /** As in the tables. */
  public String title() {
    return title;
  }
}
