"""What people do with recipes beside running them: begin, change, switch on and off."""
