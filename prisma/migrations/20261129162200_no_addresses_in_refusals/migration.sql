-- Clerk's refusals are recorded without e-mail addresses. Removes the addresses from those recorded before.
UPDATE acts SET error_message = regexp_replace(error_message, '\S+@\S+', '[e-mail address]', 'g')
WHERE error_message LIKE '%@%';
